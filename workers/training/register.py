"""Steps export and register: what was trained becomes a model version, or nothing does."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.orm import Session

from shared.artifacts import describe_folder
from shared.errors import Conflict, InvalidInput, NotFound
from shared.evaluations.submit import submit_evaluation
from shared.leases import Lease
from shared.registry.queries import name_of
from shared.registry.register import register_version
from shared.schemas.evaluations import EvaluationRequest
from shared.schemas.registry import ModelManifest, Parity
from shared.tables import ModelVersion, TrainingRun
from shared.training.ledger import succeed_run
from shared.training.queries import diagnose_run
from shared.training.record import Event, end_steps, record_events
from workers.inference.cache import find_converted
from workers.inference.exchange import publish_engine
from workers.inference.model_files import find_files
from workers.training.attempt import Attempt, Parts, Trained
from workers.training.said import Lost


def register(parts: Parts, attempt: Attempt, lease: Lease, trained: Trained) -> None:
    """The run has succeeded, and what it made is judged next. Raises what an attempt raises."""
    attempt.begin("export")
    parity = _compare(parts, attempt, trained)
    attempt.look()
    attempt.begin("register")
    artifact = parts.store.publish(trained.model)
    manifest = _manifest(trained)
    with attempt.held() as session:
        run = session.get_one(TrainingRun, lease.id)
        version = register_version(
            session,
            run,
            artifact=artifact.digest,
            manifest=manifest,
            parity=parity,
            parameters=trained.outcome.parameters,
        )
        run.outcome = trained.outcome.model_dump(mode="json", exclude={"points"})
        run.best_step = trained.outcome.best_step
        session.flush()
        run.diagnosis = diagnose_run(session, run).model_dump(mode="json")
        session.flush()
        record_events(session, lease, _said(version, parity))
        _evaluate(session, lease, trained, version)
        if not succeed_run(session, lease, steps=end_steps(session, lease)):
            raise Lost


def _compare(parts: Parts, attempt: Attempt, trained: Trained) -> Parity:
    """The fast form is left where serving finds it, here and on other machines."""
    # Its folder will have this name, on whatever machine serves it.
    files = find_files(trained.model, describe_folder(trained.model).digest)
    engines, compute_type = parts.home.engines, parts.place.compute_type
    said = attempt.ask("workers.training.parity", compute_type, files.name, str(engines))
    parity = Parity.model_validate(said)
    converted = find_converted(files, engines, compute_type)
    if converted is not None and not parity.passed:
        shutil.rmtree(converted.directory)
    elif converted is not None:
        publish_engine(parts.store, converted.directory)
    return parity


def _evaluate(session: Session, lease: Lease, trained: Trained, version: ModelVersion) -> None:
    """On the test split, beside what is in production. A version may also live without."""
    request = EvaluationRequest(
        note_type=version.note_type,
        candidates=[name_of(version)],
        dataset=trained.task.dataset,
        split="test",
    )
    try:
        with session.begin_nested():
            submit_evaluation(session, lease.tenant, request, run=lease.id)
    except (Conflict, InvalidInput, NotFound) as error:
        said = f"The version is not evaluated. {error.detail}"
        record_events(session, lease, [Event("warning", "not_evaluated", said)])


def _said(version: ModelVersion, parity: Parity) -> list[Event]:
    events = [Event("info", "registered", f"It is {name_of(version)}.")]
    if not parity.passed:
        said = (
            f"Its fast form ({parity.compute_type}) differs from its weights by "
            f"{parity.log_probability:.3f} nats a token: it will not serve. "
            "EPICRISIS_COMPUTE_TYPE=float32 has no such loss."
        )
        events.append(Event("warning", "parity", said))
    return events


def _manifest(trained: Trained) -> ModelManifest:
    task, outcome, origin = trained.task, trained.outcome, trained.task.origin
    knobs = trained.job.hyperparameters
    return ModelManifest(
        kind=origin.kind,
        architecture=_architecture(trained.model) or origin.architecture,
        template=origin.template,
        max_source_tokens=outcome.max_source_length,
        max_target_tokens=outcome.max_target_length,
        num_beams=knobs.num_beams,
        languages=origin.languages,
        licence=origin.licence,
        base_digest=origin.artifact,
        dataset=task.dataset,
        hyperparameters=knobs.model_dump(mode="json"),
        metrics=dict(outcome.measured),
        versions={**outcome.versions, "ctranslate2": version("ctranslate2")},
    )


def _architecture(model: Path) -> str | None:
    config = json.loads((model / "config.json").read_text("utf-8"))
    names: list[str] = config.get("architectures") or []
    return names[0] if names else None

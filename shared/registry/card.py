"""A version's model card: Markdown behind a YAML head, as model hubs read it.

Mitchell et al. 2019, "Model Cards for Model Reporting", says what belongs in one. Holds figures and
names of ours, never a word of an example.
"""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.ids import public_id
from shared.schemas.evaluations import METRICS, CandidateFigures, Figures
from shared.schemas.registry import ModelVersionAnswer
from shared.tables import DatasetVersion, Evaluation, ModelVersion

_EXAMPLES = {
    "encoder_decoder": "AutoModelForSeq2SeqLM",
    "decoder": "AutoModelForCausalLM",
}


def read_card(session: Session, version: ModelVersion, answer: ModelVersionAnswer) -> str:
    """With the figures of its newest evaluation. Needs a transaction of the tenant."""
    data = session.get_one(DatasetVersion, version.dataset_version_id)
    found = session.scalar(
        select(Evaluation)
        .where(
            Evaluation.status == "ready",
            Evaluation.figures.is_not(None),
            Evaluation.candidates.contains([answer.name]),
        )
        .order_by(Evaluation.ready_at.desc().nulls_last(), Evaluation.id.desc())
        .limit(1)
    )
    figures = None if found is None else Figures.model_validate(found.figures)
    told = [
        _head(answer),
        f"# {answer.name}",
        _purpose(answer),
        _training(answer, data),
        _evaluation(found, figures),
        _parity(answer),
        _limits(answer),
    ]
    return "\n\n".join(told) + "\n"


def _head(answer: ModelVersionAnswer) -> str:
    manifest = answer.manifest
    lines = [
        "---",
        f"license: {json.dumps(manifest.licence or 'unknown')}",
        f"base_model: {json.dumps(answer.base_model)}",
        "pipeline_tag: summarization",
        "library_name: transformers",
        "tags: [clinical, summarization]",
    ]
    if manifest.languages:
        lines.append(f"language: {json.dumps(manifest.languages)}")
    return "\n".join([*lines, "---"])


def _purpose(answer: ModelVersionAnswer) -> str:
    manifest = answer.manifest
    loader = _EXAMPLES[manifest.kind]
    told = (
        f"Summarizes clinical notes of the type `{answer.note_type}`. {manifest.architecture}, "
        f"{answer.parameters:,} parameters; reads up to {manifest.max_source_tokens:,} tokens of "
        f"a note and writes up to {manifest.max_target_tokens:,}.\n\n"
        f"Load it with `{loader}.from_pretrained(FOLDER)`. What it is given is the note in the "
        f"template `{manifest.template}`, with {manifest.num_beams} beam(s)."
    )
    if answer.status == "ready":
        return told
    because = f": {answer.withdrawn_because}" if answer.withdrawn_because else ""
    return f"**This version is {answer.status} and must not be used{because}.**\n\n{told}"


def _training(answer: ModelVersionAnswer, data: DatasetVersion) -> str:
    counts = data.counts.get("splits") or {}
    splits = ", ".join(f"{split} {count:,}" for split, count in counts.items())
    rows = [
        ("began from", f"{answer.base_model} (SHA-256 {answer.manifest.base_digest})"),
        ("method", answer.method),
        ("dataset", answer.dataset + (f" ({splits})" if splits else "")),
        ("origin of the data", data.origin),
        ("licence of the data", data.licence or "not stated"),
        ("permitted use", data.permitted_use),
        ("holds patient data", "yes" if data.holds_patient_data else "no"),
        *((name, _value(value)) for name, value in answer.manifest.hyperparameters.items()),
        *((f"best step: {name}", _value(value)) for name, value in answer.manifest.metrics.items()),
        *((f"made with {name}", value) for name, value in answer.manifest.versions.items()),
    ]
    return "## Training\n\n" + _table(("what", "value"), rows)


def _evaluation(evaluation: Evaluation | None, figures: Figures | None) -> str:
    if evaluation is None or figures is None:
        return "## Evaluation\n\nNone yet: nothing is known of how well it summarizes."
    metrics = [
        metric for metric in METRICS if any(metric in one.scores for one in figures.candidates)
    ]
    rows = [(one.name, *_scores(one, metrics)) for one in figures.candidates]
    said = "\n".join(f"- {remark}" for remark in figures.remarks)
    return (
        f"## Evaluation\n\n{public_id('eval', evaluation.id)}: {figures.examples} examples of the "
        f"{evaluation.split} split; mean and bootstrap 95 % interval.\n\n"
        + _table(("what", *metrics), rows)
        + (f"\n\n{said}" if said else "")
    )


def _scores(one: CandidateFigures, metrics: Sequence[str]) -> Iterator[str]:
    for metric in metrics:
        score = one.scores.get(metric)
        yield "" if score is None else f"{score.value:.3g} [{score.low:.3g}, {score.high:.3g}]"


def _parity(answer: ModelVersionAnswer) -> str:
    parity = answer.parity
    verdict = "as the weights say" if parity.passed else "not what the weights say: never served"
    return (
        f"## Fast form\n\nServed in {parity.compute_type}, {verdict}. On {parity.examples} "
        f"validation examples {parity.same_tokens:.1%} of the tokens are chosen alike, and the log "
        f"probability of a token differs by {parity.log_probability:.4f} nats on average."
    )


def _limits(answer: ModelVersionAnswer) -> str:
    spoken = ", ".join(answer.manifest.languages) or "the languages of its training data"
    return (
        f"## Limits\n\nFor `{answer.note_type}` notes in {spoken}, as a draft that a person checks "
        "against the note. It can leave out what matters and state what the note does not say; "
        "ROUGE is nearly blind to the latter, so look at support, numbers and entities."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(one) for one in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)

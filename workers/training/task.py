"""What a claimed run is to do, read from the ledger, and its examples, sealed for its process."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from shared.access.tenants import open_vault
from shared.database import Database
from shared.datasets.queries import name_of
from shared.datasets.read import Pair, read_pairs
from shared.datasets.records import Candidate
from shared.datasets.splits.leakage import find_alike, find_leaks
from shared.errors import Conflict, Gone
from shared.leases import Lease
from shared.note_types.queries import load
from shared.schemas.datasets import SPLITS, Recipe, Split
from shared.schemas.hyperparameters import Hyperparameters
from shared.schemas.registry import ModelManifest
from shared.schemas.training import Method, ModelKind
from shared.tables import Base, DatasetVersion, ModelVersion, TrainingRun
from shared.training.submit import refuse_unusable, usable_examples
from shared.training.template import default_template
from shared.vault import TenantVault, Vault
from workers.training.examples import Example, new_key, seal_examples

_PAGE = 500
_SEALED: tuple[Literal["train", "validation"], ...] = ("train", "validation")


@dataclass(frozen=True, slots=True)
class Origin:
    """What training begins from: a base, or a model version of our own."""

    artifact: str
    kind: ModelKind
    architecture: str
    template: str
    languages: list[str]
    licence: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """One run, as it was asked for."""

    run: UUID
    note_type: str
    title: str
    dataset: str
    version: UUID
    allow_leakage: bool
    method: Method
    hyperparameters: Hyperparameters
    seed: int
    origin: Origin


def read_task(session: Session, run_id: UUID) -> Task:
    """Raises Gone and Conflict for a run that can no longer be made."""
    run = session.get_one(TrainingRun, run_id)
    version = session.get_one(DatasetVersion, run.dataset_version_id)
    if version.deleted_at is not None:
        raise Gone(
            "The dataset version was deleted before the run had read it.",
            code="dataset_deleted",
            how_to_fix="Train on another version; `epicrisis datasets list` shows them.",
        )
    return Task(
        run=run.id,
        note_type=run.note_type,
        title=load(session).or_general(run.note_type).title,
        dataset=name_of(session, version.id) or "",
        version=version.id,
        allow_leakage=run.allow_leakage or not Recipe.model_validate(version.recipe).allow_leakage,
        method=run.method,  # type: ignore[arg-type] # one of the literals, by its schema
        hyperparameters=Hyperparameters.model_validate(run.hyperparameters),
        seed=run.seed,
        origin=_origin(session, run),
    )


def seal_task(
    database: Database, vault: Vault, lease: Lease, task: Task, path: Path
) -> tuple[bytes, dict[str, int]]:
    """Write the examples to train on and to validate with; returns their key and how many of each.

    Kept examples that may be trained on and have a target, in the order of their lines. Raises
    Conflict, with figures, for splits that are empty or leak into each other; Gone after a shred.
    """
    with database.transaction(lease.tenant) as session:
        refuse_unusable(usable_examples(session, task.version))
        opened = open_vault(session, vault, lease.tenant)
    if not task.allow_leakage:
        _refuse_leaks(database, opened, lease, task)
    counts = dict.fromkeys(_SEALED, 0)

    def examples() -> Iterator[Example]:
        for split in _SEALED:
            for pair in _pairs(database, opened, lease, task, split, for_training=True):
                if pair.target is not None:
                    counts[split] += 1
                    yield Example(split, pair.line, pair.note_type, pair.source, pair.target)

    key = new_key()
    seal_examples(path, key, examples())
    return key, {str(split): count for split, count in counts.items()}


def _pairs(  # noqa: PLR0913 - whose, of what, and for what
    database: Database,
    vault: TenantVault,
    lease: Lease,
    task: Task,
    split: Split,
    *,
    for_training: bool,
) -> Iterator[Pair]:
    after = 0
    while True:
        with database.transaction(lease.tenant) as session:
            page = read_pairs(
                session,
                vault,
                task.version,
                split,
                after=after,
                limit=_PAGE,
                for_training=for_training,
            )
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].line


def _refuse_leaks(database: Database, vault: TenantVault, lease: Lease, task: Task) -> None:
    """Of a version that was made with its leaks: the same pairs as its making would have named."""
    splits: dict[int, Split] = {}

    def candidates() -> Iterator[Candidate]:
        for split in SPLITS:
            for pair in _pairs(database, vault, lease, task, split, for_training=False):
                splits[pair.line] = split
                yield Candidate(pair.line, pair.source, pair.target, pair.note_type)

    leaks = find_leaks(find_alike(candidates()), splits)
    if leaks:
        raise Conflict(
            f"{len(leaks)} pairs of the version's {len(splits)} rows stand in two splits, "
            "verbatim or nearly; "
            f"lines {leaks[0].alike.line} and {leaks[0].alike.other_line} are the first.",
            code="leakage",
            how_to_fix="Derive a version without them, or ask for the run with allow_leakage.",
        )


def _origin(session: Session, run: TrainingRun) -> Origin:
    if run.base_version_id is not None:
        version = session.get_one(ModelVersion, run.base_version_id)
        if version.status != "ready":
            raise Conflict(
                f"The model version that it begins from is {version.status}.",
                code="base_unusable",
                how_to_fix="Begin from another version, or from a base.",
            )
        manifest = ModelManifest.model_validate(version.manifest)
        return Origin(
            version.artifact,
            manifest.kind,
            manifest.architecture,
            manifest.template,
            manifest.languages,
            manifest.licence,
        )
    base = session.get_one(Base, run.base_id)
    kind: ModelKind = "encoder_decoder" if base.kind == "encoder_decoder" else "decoder"
    return Origin(
        base.artifact or "",
        kind,
        base.architecture or "",
        default_template(kind),
        list(base.languages),
        base.licence,
    )

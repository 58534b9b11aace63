"""Rows of the registry, without training anything."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.ids import new_id
from shared.schemas.evaluations import CandidateFigures, Difference, Estimate, Figures
from shared.schemas.registry import ModelManifest, Parity
from shared.tables import (
    Dataset,
    DatasetGroup,
    DatasetMember,
    DatasetVersion,
    Evaluation,
    Example,
    ModelVersion,
)
from tests.fixtures.ledger import Ledger

NOTE_TYPE = "visit"
Rows = tuple[tuple[bytes, str], ...]
PARITY = Parity(
    compute_type="int8", examples=8, log_probability=0.01, same_tokens=0.99, passed=True
)


def manifest(**members: Any) -> ModelManifest:  # noqa: ANN401 - any of its members
    return ModelManifest(
        **{
            "kind": "decoder",
            "architecture": "LlamaForCausalLM",
            "template": "chat@1",
            "max_source_tokens": 512,
            "max_target_tokens": 64,
            "base_digest": "0" * 64,
            "dataset": "visits@1",
            "hyperparameters": {"learning_rate": 1e-4},
            **members,
        }
    )


def add_dataset_version(  # noqa: PLR0913 - what a version may be of
    ledger: Ledger,
    number: int = 1,
    rows: Rows = (),
    made_by: str | None = None,
    *,
    name: str = "visits",
    tenant: UUID | None = None,
) -> UUID:
    """`NAME@NUMBER`, ready; `rows`: group and split of each, all kept."""
    version, tenant = new_id(), tenant or ledger.tenant
    with ledger.owner.transaction() as session:
        session.execute(
            upsert(Dataset)
            .values(id=new_id(), tenant_id=tenant, name=name)
            .on_conflict_do_nothing()
        )
        dataset = session.scalars(
            select(Dataset.id).where(Dataset.name == name, Dataset.tenant_id == tenant)
        ).one()
        session.execute(
            insert(DatasetVersion).values(
                id=version,
                tenant_id=tenant,
                dataset_id=dataset,
                number=number,
                note_type=NOTE_TYPE,
                origin="test",
                permitted_use="training",
                holds_patient_data=True,
                recipe={},
                status="ready",
            )
        )
        for line, (group, split) in enumerate(rows, start=1):
            session.execute(
                upsert(DatasetGroup)
                .values(dataset_id=dataset, group_mac=group, tenant_id=tenant, split=split)
                .on_conflict_do_nothing()
            )
            example = new_id()
            session.execute(
                insert(Example).values(
                    id=example,
                    tenant_id=tenant,
                    digest=example.bytes,
                    source_sealed=b"sealed",
                    source_length=1,
                    target_length=1,
                )
            )
            session.execute(
                insert(DatasetMember).values(
                    version_id=version,
                    line=line,
                    tenant_id=tenant,
                    example_id=example,
                    note_type=NOTE_TYPE,
                    group_mac=group,
                    permitted_use="training",
                    split=split,
                    decision="keep",
                    kind="pseudo_labelled" if made_by else "uploaded",
                    made_by=made_by,
                )
            )
    return version


def add_model_version(ledger: Ledger, number: int, dataset: UUID, **values: object) -> UUID:
    """`models:/visit/NUMBER`, ready."""
    version = new_id()
    row: dict[str, object] = {
        "id": version,
        "tenant_id": ledger.tenant,
        "note_type": NOTE_TYPE,
        "number": number,
        "dataset_version_id": dataset,
        "base": "packaged:smollm2",
        "method": "lora",
        "artifact": f"{number:064x}",
        "manifest": manifest().model_dump(mode="json"),
        "parameters": 134_515_008,
        "parity": PARITY.model_dump(mode="json"),
        "status": "ready",
        **values,
    }
    with ledger.owner.transaction() as session:
        session.execute(insert(ModelVersion).values(row))
    return version


def add_evaluation(
    ledger: Ledger,
    candidate: int,
    dataset: UUID,
    differences: dict[str, tuple[float, float, float]],
    *,
    production: int | None = None,
    **values: object,
) -> UUID:
    """A ready one of `models:/visit/CANDIDATE` beside what was in production then."""
    evaluation = new_id()
    name, before = f"models:/{NOTE_TYPE}/{candidate}", _production(production)
    with ledger.owner.transaction() as session:
        session.execute(
            insert(Evaluation).values(
                {
                    "id": evaluation,
                    "tenant_id": ledger.tenant,
                    "note_type": NOTE_TYPE,
                    "candidates": [name, "production"],
                    "production": None if production is None else before,
                    "dataset_version_id": dataset,
                    "split": "test",
                    "metric": "rougeL",
                    "status": "ready",
                    "figures": figures(name, before, differences).model_dump(mode="json"),
                    **values,
                }
            )
        )
    return evaluation


def figures(name: str, before: str, differences: dict[str, tuple[float, float, float]]) -> Figures:
    """`differences`: metric → value, low, high of candidate less production."""
    zero = Estimate(value=0.0, low=0.0, high=0.0)
    estimates = {m: Estimate(value=v, low=low, high=h) for m, (v, low, h) in differences.items()}
    return Figures(
        examples=50,
        excluded=0,
        leak_free=50,
        candidates=[
            CandidateFigures(name=name, role="candidate", examples=50, scores=estimates),
            CandidateFigures(
                name=before, role="production", examples=50, scores=dict.fromkeys(estimates, zero)
            ),
        ],
        differences=[
            Difference(candidate=name, beside=before, metric=metric, difference=one)
            for metric, one in estimates.items()
        ],
    )


def _production(number: int | None) -> str:
    return "prompt" if number is None else f"models:/{NOTE_TYPE}/{number}"

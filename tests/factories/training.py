"""What training begins from, made on the spot: a curated dataset, an imported base, reviews."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text, update

from shared.datasets.add import Provenance, add_rows, begin_version, submit_version
from shared.datasets.records import Row
from shared.ids import new_id
from shared.schemas.datasets import Recipe
from shared.schemas.summaries import Verdict
from shared.tables import Base, DatasetVersion
from tests.fixtures.ledger import Ledger

SPLITS = ("train", "train", "train", "validation", "test")
PROVENANCE = Provenance("visit", "written for the test", None, "training", holds_patient_data=False)


def ready_dataset(
    ledger: Ledger,
    name: str = "visits",
    *,
    splits: Sequence[str] = SPLITS,
    rows: Sequence[Row] = (),
    tenant: UUID | None = None,
) -> UUID:
    """A version with one example a split, as if curation had kept them all; else of these rows."""
    vault = ledger.opened(tenant)
    rows = rows or [
        Row(line=line, source=f"Quillfeather has {line} coughs.", target=f"{line} coughs.")
        for line in range(1, len(splits) + 1)
    ]
    with ledger.owner.transaction(vault.tenant) as session:
        version = begin_version(session, vault.tenant, name, PROVENANCE, Recipe())
        add_rows(session, vault, version, PROVENANCE, rows)
        submit_version(session, version)
        for line, split in enumerate(splits, start=1):
            session.execute(
                text(
                    "UPDATE dataset_members SET decision = 'keep', split = :split "
                    "WHERE version_id = :version AND line = :line"
                ),
                {"split": split, "version": version, "line": line},
            )
        settled = update(DatasetVersion).where(DatasetVersion.id == version)
        session.execute(settled.values(status="ready"))
    return version


def ready_base(ledger: Ledger, name: str = "tiny", *, tenant: UUID | None = None) -> UUID:
    base = new_id()
    with ledger.owner.transaction() as session:
        session.add(
            Base(
                id=base,
                tenant_id=tenant or ledger.tenant,
                name=name,
                source=f"/models/{name}",
                status="ready",
                kind="decoder",
                architecture="LlamaForCausalLM",
                artifact="0" * 64,
                languages=["en"],
            )
        )
    return base


def review(ledger: Ledger, *verdicts: Verdict, note_type: str = "visit") -> None:
    """As many summaries of the note type, each reviewed so."""
    ledger.submit(*(f"Note {new_id()}." for _ in verdicts), note_type=note_type)
    ledger.complete(*ledger.claim())
    with ledger.owner.transaction() as session:
        fresh = session.execute(
            text("SELECT id, tenant_id FROM summaries WHERE review_state = 'none' ORDER BY id")
        ).all()
        for row, verdict in zip(fresh, verdicts, strict=True):
            session.execute(
                text(
                    "INSERT INTO reviews (id, tenant_id, summary_id, note_type, verdict, reviewer, "
                    "created_at) VALUES (:id, :tenant, :summary, :type, :verdict, 'key_1', "
                    "clock_timestamp())"
                ),
                {
                    "id": new_id(),
                    "tenant": row.tenant_id,
                    "summary": row.id,
                    "type": note_type,
                    "verdict": verdict,
                },
            )
            session.execute(
                text("UPDATE summaries SET review_state = :verdict WHERE id = :id"),
                {"verdict": verdict, "id": row.id},
            )

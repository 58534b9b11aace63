"""What is deleted is gone, and what stays still adds up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from shared.batches.retry import retry_batch
from shared.documents.queries import get_text
from shared.errors import Conflict, Gone, NotFound
from shared.intake.records import Record
from shared.retention.delete_batch import Deleted, delete_batch
from shared.retention.erase_subject import erase_subject
from shared.retention.purge import purge_expired
from shared.schemas.retention import Erasure
from tests.chaos.oracle import violations
from tests.fixtures.ledger import Ledger

TABLES = (
    "batches",
    "batch_contents",
    "documents",
    "document_contents",
    "summaries",
    "replacements",
    "idempotency_keys",
)


def rows(ledger: Ledger) -> dict[str, int]:
    """How many rows of each table there are, where there are any."""
    with psycopg.connect(ledger.urls.auditor) as connection:
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0]
            for table in TABLES
        }
    return {table: count for table, count in counts.items() if count}


def delete(ledger: Ledger, batch: UUID, *, force: bool = False) -> Deleted:
    with ledger.api.transaction(ledger.tenant) as session:
        return delete_batch(session, batch, force=force)


def expire(ledger: Ledger, batch: UUID) -> None:
    """The batch's retention ends."""
    with ledger.owner.transaction() as session:
        session.execute(
            text("UPDATE batches SET results_expire_at = now() WHERE id = :id"), {"id": batch}
        )


def purge(ledger: Ledger, limit: int = 1_000) -> int | None:
    with ledger.worker.transaction() as session:
        return purge_expired(session, ledger.vault, limit=limit)


def erase(ledger: Ledger, subject: str) -> Erasure:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        return erase_subject(session, vault, subject).erasure


def records(*subjects: str | None) -> list[Record]:
    return [
        Record(line=line, text=f"note {line}", subject=subject)
        for line, subject in enumerate(subjects, start=1)
    ]


def test_a_deleted_batch_leaves_nothing(ledger: Ledger) -> None:
    replacing = Record(line=3, text="c", replaces=("line-1",))
    batch = ledger.submit("a", "b", others=(replacing,), metadata={"ward": "7"})
    ledger.complete(*ledger.claim())
    assert rows(ledger)["replacements"] == 1
    assert delete(ledger, batch) == Deleted(documents=3, summaries=3, texts=3)
    assert rows(ledger) == {}
    with pytest.raises(NotFound):
        delete(ledger, batch)


def test_another_tenants_batch_is_not_there(ledger: Ledger) -> None:
    batch = ledger.submit("a", tenant=ledger.new_tenant("ward-2"))
    with pytest.raises(NotFound):
        delete(ledger, batch, force=True)


def test_a_running_batch_is_deleted_by_force_alone(ledger: Ledger) -> None:
    batch = ledger.submit("a", "b")
    claims = ledger.claim()
    with pytest.raises(Conflict) as refused:
        delete(ledger, batch)
    assert refused.value.error_code == "batch_running"
    assert delete(ledger, batch, force=True).documents == 2
    assert ledger.complete(*claims) == 0
    assert rows(ledger) == {}


def test_results_are_kept_as_long_as_the_tenant_says(ledger: Ledger) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE tenants SET results_days = 3 WHERE name = 'ward-1'"))
    batch = ledger.submit("a")
    ledger.complete(*ledger.claim())
    ended = ledger.batch(batch)
    assert ended.results_expire_at is not None
    assert ended.completed_at is not None
    assert (ended.results_expire_at - ended.completed_at).days == 3


def test_past_its_time_a_batch_keeps_its_counts_alone(ledger: Ledger) -> None:
    kept = ledger.submit("kept", metadata={"ward": "7"})
    batch = ledger.submit("a", "b", "c", metadata={"ward": "7"})
    ledger.complete(*ledger.claim())
    document = UUID(hex=ledger.results(batch)[0].document_id.removeprefix("doc_"))
    expire(ledger, batch)
    assert purge(ledger, limit=2) == 2
    with pytest.raises(Gone):
        ledger.results(batch)
    with pytest.raises(Gone), ledger.api.transaction(ledger.tenant) as session:
        retry_batch(session, batch)
    assert [purge(ledger, limit=2) for _ in range(2)] == [1, None]
    with pytest.raises(Gone):
        ledger.results(batch)
    assert ledger.batch(batch).request_counts.completed == 3
    assert len(ledger.results(kept)) == 1
    assert rows(ledger) == {
        "batches": 2,
        "batch_contents": 1,
        "documents": 1,
        "document_contents": 1,
        "summaries": 1,
    }
    with pytest.raises(NotFound), ledger.api.transaction(ledger.tenant) as session:
        get_text(session, ledger.opened(), document)
    with psycopg.connect(ledger.urls.auditor) as connection:
        events = connection.execute("SELECT actor, action, objects FROM audit_events").fetchall()
    assert events == [("dispatcher", "batch.purge", [f"batch_{batch.hex}"])]


def test_a_text_is_gone_before_it_is_purged(ledger: Ledger) -> None:
    batch = ledger.submit("a")
    [held] = ledger.claim()
    ledger.complete(held)
    expire(ledger, batch)
    vault = ledger.opened()
    with pytest.raises(Gone), ledger.api.transaction(ledger.tenant) as session:
        get_text(session, vault, held.document)


def test_an_erased_patient_is_in_no_batch_and_no_count(ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    ledger.submit_records(*records("Patient/17"), tenant=other)
    ledger.complete(*ledger.claim())
    mixed = ledger.submit_records(*records("Patient/17", "Patient/18", "Patient/17", None))
    held = ledger.claim()
    ledger.complete(*held[:2])
    alone = ledger.submit_records(*records("Patient/17"), metadata={"name": "J. Doe"})

    assert erase(ledger, "Patient/17") == Erasure(documents=3, summaries=1, batches=2)
    assert ledger.complete(*held[2:]) == 1

    counts = ledger.batch(mixed)
    assert (counts.status, counts.note_types) == ("completed", {"general": 2})
    assert (counts.request_counts.total, counts.request_counts.completed) == (2, 2)
    assert counts.routes.extractive == 2
    with pytest.raises(NotFound):
        ledger.batch(alone)
    assert rows(ledger)["document_contents"] == 3
    assert "batch_contents" not in rows(ledger)
    assert violations(ledger.urls.auditor, acknowledged=3) == {}
    assert erase(ledger, "Patient/17") == Erasure(documents=0, summaries=0, batches=0)


@contextmanager
def load(ledger: Ledger) -> Iterator[None]:
    """Documents come in and summaries come out for the length of the block, without an error."""
    stop, failures = threading.Event(), []

    def repeat(action: Callable[[], object]) -> None:
        try:
            while not stop.is_set():
                action()
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    def work() -> None:
        if claims := ledger.claim(budget=10):
            ledger.complete(*claims)

    def submit() -> None:
        ledger.submit_records(*records("Patient/17", None, "Patient/18", "Patient/17"))

    threads = [threading.Thread(target=repeat, args=(each,)) for each in (submit, work, work)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


def drain(ledger: Ledger) -> None:
    while claims := ledger.claim():
        ledger.complete(*claims)


def test_erasing_and_deleting_go_on_beside_the_work(ledger: Ledger) -> None:
    erased = 0
    with load(ledger):
        for _ in range(12):
            erased += erase(ledger, "Patient/17").documents
            delete(ledger, ledger.submit("a", "b"), force=True)
    erased += erase(ledger, "Patient/17").documents
    drain(ledger)
    left = rows(ledger)["documents"]
    assert (erased, left) == (left, erased) != (0, 0)
    assert violations(ledger.urls.auditor, acknowledged=left) == {}


def test_purging_goes_on_beside_the_work(ledger: Ledger) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE tenants SET results_days = 0"))
    with load(ledger):
        purged = sum(purge(ledger, limit=3) or 0 for _ in range(60))
    drain(ledger)
    while (more := purge(ledger, limit=3)) is not None:
        purged += more
    with psycopg.connect(ledger.urls.auditor) as connection:
        query = "SELECT sum(completed), count(*) - count(purged_at) FROM batches"
        assert connection.execute(query).fetchone() == (purged, 0)
    assert set(rows(ledger)) == {"batches"}
    assert violations(ledger.urls.auditor, acknowledged=0) == {}


def test_a_batch_ends_when_only_the_erased_were_left(ledger: Ledger) -> None:
    batch = ledger.submit_records(*records(None, "Patient/17"))
    ledger.complete(ledger.claim()[0])
    erase(ledger, "Patient/17")
    assert ledger.batch(batch).status == "completed"

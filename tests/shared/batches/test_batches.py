"""Batches: counted to the last document, whoever works on them and in what order."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from shared.batches.cancel import cancel_batch
from shared.batches.retry import retry_batch
from shared.batches.sweep import sweep_ended
from shared.errors import Conflict, InvalidInput, InvalidRecord, NotFound
from shared.intake.records import Record, Rejected
from shared.tables import DocumentContent, OutboxRow, Summary
from tests.fixtures.ledger import Ledger

BAD = Rejected(7, InvalidRecord("There is no text.", code="text_missing"), "visit-7")


def cancel(ledger: Ledger, batch: UUID) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        cancel_batch(session, batch)


def sweep(ledger: Ledger) -> int:
    with ledger.worker.transaction() as session:
        return sweep_ended(session, limit=1_000)


def test_a_batch_is_completed_by_its_last_document(ledger: Ledger) -> None:
    batch = ledger.submit("one", "two")
    first, second = ledger.claim()
    ledger.complete(first)
    assert ledger.batch(batch).status == "in_progress"
    ledger.complete(second)
    answer = ledger.batch(batch)
    assert answer.status == "completed"
    assert answer.completed_at is not None
    assert answer.routes.extractive == 2


def test_a_bad_record_is_a_result_from_the_start(ledger: Ledger) -> None:
    batch = ledger.submit("one", others=(BAD,))
    (result,) = ledger.results(batch)
    assert (result.seq, result.status, result.custom_id) == (1, "rejected", "visit-7")
    assert result.error is not None
    assert (result.error.code, result.error.line) == ("text_missing", 7)
    ledger.complete(*ledger.claim())
    assert [line.seq for line in ledger.results(batch)] == [1, 2]
    assert ledger.batch(batch).status == "completed"


def test_a_batch_of_bad_records_is_done_at_once(ledger: Ledger) -> None:
    batch = ledger.submit(others=(BAD,))
    assert ledger.batch(batch).status == "completed"


def test_an_empty_batch_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidInput):
        ledger.submit()


def test_a_custom_id_stands_once_in_a_batch(ledger: Ledger) -> None:
    batch = ledger.submit("one", others=(Record(line=2, text="two", custom_id="line-1"),))
    counts = ledger.batch(batch).request_counts
    assert (counts.queued, counts.rejected) == (1, 1)
    assert [r.error.code for r in ledger.results(batch) if r.error] == ["duplicate_custom_id"]


def test_results_resume_by_seq(ledger: Ledger) -> None:
    batch = ledger.submit(*(f"note {n}" for n in range(10)))
    for held in ledger.claim():
        ledger.complete(held)
    page = ledger.results(batch, limit=4)
    rest = ledger.results(batch, after=page[-1].seq)
    seen = [line.document_id for line in (*page, *rest)]
    assert len(set(seen)) == len(seen) == 10


def test_counters_survive_workers_that_finish_at_once(ledger: Ledger) -> None:
    """Unordered, these updates of two batches' counters would deadlock."""
    batches = [ledger.submit(*(f"note {n}" for n in range(40))) for _ in range(2)]
    held = ledger.claim() + ledger.claim()
    mixed = [held[n::8] for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda claims: ledger.complete(*claims), mixed)) == 80
    for batch in batches:
        answer = ledger.batch(batch)
        assert (answer.status, answer.request_counts.completed) == ("completed", 40)
        assert sorted(line.seq for line in ledger.results(batch)) == list(range(1, 41))


def test_what_runs_at_a_cancel_is_discarded(ledger: Ledger) -> None:
    batch = ledger.submit("one", "two")
    running = ledger.claim(budget=1)
    cancel(ledger, batch)
    assert ledger.batch(batch).status == "cancelling"
    assert sweep(ledger) == 1
    assert ledger.batch(batch).status == "cancelling"
    ledger.complete(*running)
    answer = ledger.batch(batch)
    assert (answer.status, answer.request_counts.cancelled) == ("cancelled", 2)
    assert {line.status for line in ledger.results(batch)} == {"cancelled"}
    with ledger.owner.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Summary)) == 0


def test_a_cancel_can_be_repeated_but_not_come_too_late(ledger: Ledger) -> None:
    batch = ledger.submit("one")
    cancel(ledger, batch)
    cancel(ledger, batch)
    done = ledger.submit("two")
    ledger.complete(*ledger.claim())
    with pytest.raises(Conflict):
        cancel(ledger, done)
    with pytest.raises(NotFound):
        cancel(ledger, uuid4())


def test_retry_brings_back_what_failed_under_a_higher_seq(ledger: Ledger) -> None:
    batch = ledger.submit("one", "two")
    first, second = ledger.claim()
    ledger.fail(first)
    ledger.complete(second)
    assert ledger.batch(batch).status == "completed"
    with ledger.api.transaction(ledger.tenant) as session:
        assert retry_batch(session, batch) == 1
    assert ledger.batch(batch).status == "in_progress"
    ledger.complete(*ledger.claim())
    answer = ledger.batch(batch)
    assert (answer.status, answer.request_counts.failed) == ("completed", 0)
    assert [line.seq for line in ledger.results(batch)] == [2, 3]


def test_retry_of_nothing_says_so(ledger: Ledger) -> None:
    batch = ledger.submit("one")
    with ledger.api.transaction(ledger.tenant) as session, pytest.raises(Conflict):
        retry_batch(session, batch)


def test_an_old_batch_expires(ledger: Ledger) -> None:
    batch = ledger.submit("one", "two")
    ledger.complete(*ledger.claim(budget=1))
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE batches SET expires_at = now() - interval '1 s'"))
    assert ledger.claim() == []
    assert sweep(ledger) == 1
    answer = ledger.batch(batch)
    assert (answer.status, answer.request_counts.expired) == ("expired", 1)


def test_submission_and_wake_up_commit_together(ledger: Ledger) -> None:
    ledger.submit("one")
    with ledger.owner.transaction() as session:
        assert session.scalars(select(OutboxRow.name)).all() == ["summarization.drain"]


def test_no_text_stands_in_the_database(ledger: Ledger) -> None:
    ledger.submit("Mr. Quillfeather has gout.", metadata={"ward": "Quillfeather wing"})
    ledger.complete(*ledger.claim(), words="Quillfeather: gout.")
    with ledger.owner.transaction() as session:
        assert session.scalar(select(func.count()).select_from(DocumentContent)) == 1
        for (table,) in session.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all():
            dump = session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t"))
            plain = (dump or "").replace("\\\\x", "")
            assert "Quillfeather" not in plain
            assert b"Quillfeather".hex() not in plain

"""A note that was entered in error: whoever looks at its summary is told, and no model reads it."""

from uuid import UUID

from shared.errors import InvalidRecord
from shared.intake.records import Record, Rejected
from tests.fixtures.ledger import Ledger

IN_ERROR = Rejected(
    1, InvalidRecord("Entered in error.", code="entered_in_error"), "DocumentReference/7"
)


def note(custom_id: str = "DocumentReference/7", words: str = "Knee pain.") -> Record:
    return Record(1, words, custom_id=custom_id)


def summary_of(ledger: Ledger, batch: UUID):  # noqa: ANN201
    (result,) = ledger.results(batch)
    return result.summary


def test_the_summary_of_an_earlier_batch_says_so(ledger: Ledger) -> None:
    batch = ledger.submit_records(note())
    other = ledger.submit_records(note("DocumentReference/8"))
    ledger.complete(*ledger.claim())
    ledger.submit_records(IN_ERROR)
    assert summary_of(ledger, batch).withdrawn_at is not None
    assert summary_of(ledger, other).withdrawn_at is None


def test_what_waits_or_runs_is_cancelled(ledger: Ledger) -> None:
    running = ledger.submit_records(note())
    (held,) = ledger.claim()
    waiting = ledger.submit_records(note())
    ledger.submit_records(IN_ERROR)
    for batch in (running, waiting):
        (result,) = ledger.results(batch)
        assert result.status == "cancelled"
        assert result.error is not None
        assert result.error.code == "withdrawn"
        assert ledger.batch(batch).status == "completed"
    assert ledger.claim() == []
    assert ledger.complete(held) == 0


def test_another_tenant_and_a_later_note_are_left_alone(ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    ledger.submit_records(note(), tenant=other)
    ledger.submit_records(IN_ERROR)
    later = ledger.submit_records(note())
    assert len(ledger.claim()) == 2
    assert ledger.batch(later).request_counts.running == 1


def test_both_in_one_body_withdraw_it_too(ledger: Ledger) -> None:
    batch = ledger.submit_records(note(), IN_ERROR)
    assert {result.status for result in ledger.results(batch)} == {"rejected", "cancelled"}
    assert ledger.batch(batch).status == "completed"

"""`relatesTo replaces`: each summary names the other, whichever came first."""

import pytest

from shared.intake.records import Record
from tests.fixtures.ledger import Ledger

OLD = Record(1, "First version.", custom_id="DocumentReference/1")
NEW = Record(
    1, "Second version.", custom_id="DocumentReference/2", replaces=("DocumentReference/1",)
)


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_the_old_summary_is_superseded_by_the_new(
    ledger: Ledger, order: tuple[Record, Record]
) -> None:
    summaries = {}
    for record in order:
        batch = ledger.submit_records(record)
        ledger.complete(*ledger.claim())
        summaries[record.custom_id] = batch
    (old,), (new,) = (ledger.results(summaries[r.custom_id]) for r in (OLD, NEW))
    assert old.summary is not None
    assert new.summary is not None
    assert (old.summary.superseded_by, old.summary.replaces) == (new.summary.id, None)
    assert (new.summary.replaces, new.summary.superseded_by) == (old.summary.id, None)


def test_another_tenants_note_of_that_name_is_none(ledger: Ledger) -> None:
    ledger.submit_records(OLD, tenant=ledger.new_tenant("ward-2"))
    batch = ledger.submit_records(NEW)
    for held in ledger.claim():
        ledger.complete(held)
    (new,) = ledger.results(batch)
    assert new.summary is not None
    assert new.summary.replaces is None

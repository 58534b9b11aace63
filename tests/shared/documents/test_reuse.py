"""An unchanged text keeps its summary; anything that changed does not."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from shared.access.tenants import open_vault
from shared.documents.complete import Summarized, complete
from shared.documents.ledger import Claim
from shared.documents.reuse import find_reusable
from shared.intake.records import Record
from shared.schemas.summaries import ProducedBy
from tests.fixtures.ledger import Ledger

NOTE = Record(1, "Knee pain.", custom_id="a", subject="Patient/1", note_type="visit")
PRODUCTION = ProducedBy(route="extractive", reason="no_prompt_model")


def reusable(ledger: Ledger, claims: list[Claim], produced: ProducedBy) -> list[Summarized]:
    with ledger.worker.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        return find_reusable(session, vault, claims, {c.document: produced for c in claims})


@pytest.fixture
def first(ledger: Ledger) -> str:
    """The summary of NOTE."""
    batch = ledger.submit_records(NOTE)
    ledger.complete(*ledger.claim(), words="It hurts.")
    (result,) = ledger.results(batch)
    assert result.summary is not None
    return result.summary.id


@pytest.mark.parametrize(
    ("record", "produced", "same"),
    [
        (replace(NOTE, custom_id="b"), PRODUCTION, True),
        (replace(NOTE, text="Knee pain!"), PRODUCTION, False),
        (replace(NOTE, subject="Patient/2"), PRODUCTION, False),
        (replace(NOTE, subject=None), PRODUCTION, False),
        (NOTE, PRODUCTION.model_copy(update={"model_version": "visit/2"}), False),
        (NOTE, PRODUCTION.model_copy(update={"route": "prompt"}), False),
    ],
)
def test_only_the_same_of_everything_is_reused(
    ledger: Ledger, first: str, record: Record, produced: ProducedBy, *, same: bool
) -> None:
    batch = ledger.submit_records(record, reuse="same_version")
    found = reusable(ledger, ledger.claim(), produced)
    assert len(found) == same
    if same:
        with ledger.worker.transaction(ledger.tenant) as session:
            vault = open_vault(session, ledger.vault, ledger.tenant)
            complete(session, vault, found)
        (result,) = ledger.results(batch)
        assert result.summary is not None
        assert (result.summary.text, result.summary.reused_from) == ("It hurts.", first)


def test_without_a_subject_the_custom_id_has_to_be_the_same(ledger: Ledger) -> None:
    anonymous = replace(NOTE, subject=None)
    ledger.submit_records(anonymous)
    ledger.complete(*ledger.claim())
    ledger.submit_records(anonymous, replace(anonymous, custom_id="b"), reuse="same_version")
    found = reusable(ledger, ledger.claim(), PRODUCTION)
    assert len(found) == 1


@pytest.mark.usefixtures("first")
def test_a_summary_that_does_not_open_is_not_reused(ledger: Ledger) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE summaries SET body_sealed = 'x'"))
    ledger.submit_records(NOTE, reuse="same_version")
    assert reusable(ledger, ledger.claim(), PRODUCTION) == []


@pytest.mark.usefixtures("first")
def test_nothing_is_reused_unasked(ledger: Ledger) -> None:
    ledger.submit_records(NOTE)
    assert reusable(ledger, ledger.claim(), PRODUCTION) == []

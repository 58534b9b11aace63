"""The oracle of the chaos runs finds what it is there to find."""

from sqlalchemy import text

from tests.chaos.oracle import violations
from tests.fixtures.ledger import Ledger

TWICE = """
    INSERT INTO summaries
    SELECT gen_random_uuid(), tenant_id, document_id, note_type, route, reason, model_version,
           prompt_version, coverage, input_tokens, output_tokens, body_sealed
    FROM summaries WHERE document_id = :second
"""
DAMAGE = (
    "UPDATE batches SET completed = completed + 1",
    "DELETE FROM summaries WHERE document_id = :first",
    "UPDATE documents SET seq = NULL WHERE id = :second",
    "ALTER TABLE summaries DROP CONSTRAINT uq_summaries_document_id",
    TWICE,
)


def test_a_sound_ledger_has_no_violations(ledger: Ledger) -> None:
    ledger.submit("one", "two")
    ledger.complete(*ledger.claim())
    assert violations(ledger.urls.auditor, acknowledged=2) == {}


def test_each_kind_of_damage_is_found(ledger: Ledger) -> None:
    ledger.submit("one", "two", "three", "four")
    first, second, third, _ = ledger.claim()
    ledger.complete(first, second)
    ledger.fail(third)
    ids = {"first": first.document, "second": second.document}
    with ledger.owner.transaction() as session:
        for statement in DAMAGE:
            session.execute(text(statement), ids)
    assert violations(ledger.urls.auditor, acknowledged=5) == {
        "not in a final state": 1,
        "failed": 1,
        "without a current summary": 1,
        "summarized twice": 1,
        "batches whose counters differ from their documents": 1,
        "results without a number": 1,
        "acknowledged and not there": 1,
    }

"""Texts that the system has already, submitted again: ordinary documents of the ledger."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.batches.submit_texts import InternalText, submit_texts
from shared.errors import InvalidInput
from shared.schemas.batches import BatchParameters
from shared.tables import Document
from tests.fixtures.ledger import Ledger

PARAMETERS = BatchParameters(priority="bulk", fallback="none", model_version="models:/visit/3")


def test_a_worker_submits_texts_that_are_claimed_and_counted_as_any_others(ledger: Ledger) -> None:
    again = uuid4()
    texts = [
        InternalText("note-1", "The knee is swollen.", "visit", subject="patient-7"),
        InternalText("note-1", "The knee is better.", "visit", redo_of=again, language="en"),
        InternalText("note-2", "No fracture.", "radiology"),
    ]
    vault = ledger.opened()
    with ledger.worker.transaction(ledger.tenant) as session:
        batch = submit_texts(session, vault, texts, PARAMETERS, purpose="evaluation")
        rows = session.scalars(select(Document).order_by(Document.line)).all()

    assert [row.purpose for row in rows] == ["evaluation"] * 3
    assert [row.redo_of for row in rows] == [None, again, None]
    assert rows[0].subject_mac == vault.mac("patient-7", purpose="subject")
    answer = ledger.batch(batch)
    assert (answer.request_counts.queued, answer.note_types) == (3, {"visit": 2, "radiology": 1})
    held = ledger.claim()
    assert {(one.fallback, one.asked_model_version) for one in held} == {
        ("none", "models:/visit/3")
    }
    assert ledger.complete(*held) == 3
    assert ledger.batch(batch).status == "completed"
    assert [line.custom_id for line in ledger.results(batch)].count("note-1") == 2


def test_no_texts_are_no_batch(ledger: Ledger) -> None:
    with (
        pytest.raises(InvalidInput),
        ledger.worker.transaction(ledger.tenant) as session,
    ):
        submit_texts(session, ledger.opened(), [], PARAMETERS, purpose="summary")

"""A worker's loop over a real ledger, with a tiny model and no broker."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from shared.config import EngineSettings, LedgerSettings
from tests.fakes import FAKE_DOWN, EchoEngine
from tests.fixtures.ledger import Ledger
from workers.presence import Presence
from workers.summarization.model import PromptModel
from workers.summarization.pipeline import Pipeline
from workers.summarization.tasks import Drain


@pytest.fixture
def drain(ledger: Ledger) -> Iterator[Drain]:
    settings = LedgerSettings()
    with Presence(ledger.worker, "summarization", settings) as presence:
        named = EngineSettings(prompt_model="somewhere")
        model = PromptModel(named, presence, 900.0, lambda _: EchoEngine())
        stopping = threading.Event()
        pipeline = Pipeline(model, settings)
        yield Drain(ledger.worker, ledger.vault, presence, pipeline, settings, stopping)


def test_it_goes_on_until_nothing_waits(drain: Drain, ledger: Ledger) -> None:
    batches = [ledger.submit(*(f"Note {n}. It is short." for n in range(30))) for _ in range(3)]
    drain.run()
    assert {ledger.batch(batch).status for batch in batches} == {"completed"}


def test_tenants_share_a_micro_batch_and_nothing_else(drain: Drain, ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    batch = ledger.submit("A note of the first.")
    theirs = ledger.submit("A note of the second.", tenant=other)
    drain.run()
    (result,) = ledger.results(batch)
    assert result.summary is not None
    assert result.summary.text == "A note of the first."
    assert ledger.batch(theirs, tenant=other).status == "completed"


def test_a_text_that_does_not_open_harms_no_neighbour(drain: Drain, ledger: Ledger) -> None:
    batch = ledger.submit("one note", "two note", "three note")
    damage = (
        "UPDATE document_contents SET text_sealed = 'x' WHERE document_id = "
        "(SELECT id FROM documents WHERE line = 2)"
    )
    with ledger.owner.transaction() as session:
        session.execute(text(damage))
    drain.run()
    counts = ledger.batch(batch).request_counts
    assert (counts.completed, counts.failed) == (2, 1)
    assert [r.error.code for r in ledger.results(batch) if r.error] == ["unreadable"]


def test_a_sick_model_gives_the_documents_back(drain: Drain, ledger: Ledger) -> None:
    batch = ledger.submit(f"A note. {FAKE_DOWN}", f"Another. {FAKE_DOWN}")
    drain.run()
    counts = ledger.batch(batch).request_counts
    assert (counts.queued, counts.running, counts.failed) == (2, 0, 0)

"""A worker's loop over a real ledger, with a tiny model and no broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from shared.config import EngineSettings, LedgerSettings
from shared.intake.records import Record
from shared.master_keys import MasterKeys
from shared.note_types.set import set_note_type
from shared.schemas.note_types import NoteTypeRequest
from shared.vault import Vault
from tests.fakes import FAKE_DOWN, EchoEngine, versions
from tests.fixtures.ledger import Ledger
from workers.presence import Presence
from workers.summarization.model import prompt_model
from workers.summarization.pipeline import Pipeline
from workers.summarization.tasks import Drain


@pytest.fixture
def drain(ledger: Ledger) -> Iterator[Drain]:
    with working(ledger, EchoEngine()) as drain:
        yield drain


@contextmanager
def working(ledger: Ledger, engine: EchoEngine) -> Iterator[Drain]:
    settings = LedgerSettings()
    with Presence(ledger.worker, "summarization", settings) as presence:
        named = EngineSettings(prompt_model="somewhere")
        model = prompt_model(named, presence, 900.0, lambda _: engine)
        stopping = threading.Event()
        pipeline = Pipeline(model, versions(presence), settings)
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


def test_a_destroyed_key_fails_its_own_tenant_alone(drain: Drain, ledger: Ledger) -> None:
    shredded = ledger.new_tenant("ward-2")
    batch = ledger.submit("A note of the first.")
    gone = ledger.submit("A note of the second.", tenant=shredded)
    with ledger.owner.transaction() as session:
        session.execute(text("DELETE FROM data_keys WHERE tenant_id = :t"), {"t": shredded})
    drain.run()
    assert ledger.batch(batch).status == "completed"
    with ledger.owner.transaction() as session:
        codes = session.scalars(
            text("SELECT error_code FROM documents WHERE batch_id = :b"), {"b": gone}
        )
        assert codes.all() == ["data_key_destroyed"]


def test_a_worker_with_another_master_key_gives_the_documents_back(
    drain: Drain, ledger: Ledger
) -> None:
    batch = ledger.submit("A note.")
    drain._vault = Vault(MasterKeys([b"x" * 32]))
    drain.run()
    counts = ledger.batch(batch).request_counts
    assert (counts.queued, counts.running, counts.failed) == (1, 0, 0)


def test_a_summary_is_as_long_as_the_tenant_says(drain: Drain, ledger: Ledger) -> None:
    one = NoteTypeRequest.model_validate({"length": {"from": 1, "to": 1}})
    with ledger.api.transaction(ledger.tenant) as session:
        set_note_type(session, ledger.tenant, "sonogram", one)
    texts = ("Liver normal. Kidneys normal.", "Liver large. Kidneys small.")
    batches = [ledger.submit(*texts, note_type=name) for name in ("sonogram", "visit")]
    drain.run()
    lengths = [
        [len(r.summary.sentences) for r in ledger.results(batch) if r.summary] for batch in batches
    ]
    assert lengths == [[1, 1], [2, 2]]


def test_the_opt_in_to_a_server_holds_from_the_next_micro_batch(ledger: Ledger) -> None:
    permit = "UPDATE tenants SET remote_prompts = :permitted WHERE id = :tenant"
    remote = EchoEngine(remote=True)
    with working(ledger, remote) as drain:
        for permitted, reason in (
            (None, "remote_not_permitted"),
            (True, "no_fine_tuned_model"),
            (False, "remote_not_permitted"),
        ):
            if permitted is not None:
                with ledger.owner.transaction() as session:
                    session.execute(text(permit), {"permitted": permitted, "tenant": ledger.tenant})
            batch = ledger.submit(f"A note while it is {permitted}.")
            drain.run()
            (result,) = ledger.results(batch)
            assert result.summary is not None
            assert result.summary.produced_by.reason == reason
            assert result.summary.language == "en"
    assert "None" not in str(remote.chats)
    assert "False" not in str(remote.chats)
    assert len(remote.chats) == 1


def test_an_unchanged_note_keeps_its_summary(drain: Drain, ledger: Ledger) -> None:
    note = Record(1, "A note. It is short.", custom_id="a", subject="Patient/1")
    first = ledger.submit_records(note)
    drain.run()
    changed = Record(2, "Another note.", custom_id="b", subject="Patient/1")
    again = ledger.submit_records(note, changed, reuse="same_version")
    drain.run()
    (earlier,) = ledger.results(first)
    by_name = {result.custom_id: result.summary for result in ledger.results(again)}
    kept, made = by_name["a"], by_name["b"]
    assert earlier.summary is not None
    assert kept is not None
    assert made is not None
    assert (kept.reused_from, kept.text) == (earlier.summary.id, earlier.summary.text)
    assert kept.usage.output_tokens == 0
    assert made.reused_from is None


def test_a_summary_made_another_way_is_not_kept(drain: Drain, ledger: Ledger) -> None:
    note = Record(1, "A note. It is short.", custom_id="a", subject="Patient/1")
    ledger.submit_records(note)
    drain.run()
    reused = []
    for asked in (
        {"route": "extractive"},
        {"route": "extractive"},
        {"route": "prompt"},
        {"prompt_version": "prompts:/visit/1"},
    ):
        batch = ledger.submit_records(note, reuse="same_version", **asked)
        drain.run()
        (result,) = ledger.results(batch)
        assert result.summary is not None
        assert result.summary.produced_by.route == asked.get("route", "prompt")
        reused.append(result.summary.reused_from is not None)
    assert reused == [False, True, True, False]

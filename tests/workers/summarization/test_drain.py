"""A worker's loop over a real ledger, with a tiny model and no broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.access.tenants import open_vault
from shared.config import EngineSettings, LedgerSettings
from shared.documents.ledger import Claim, claim
from shared.intake.records import Record
from shared.master_keys import MasterKeys
from shared.note_types.set import set_note_type
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.add import add_prompt
from shared.prompts.split import measure_split, start_split
from shared.registry.kinds import PROMPTS
from shared.registry.promote import promote
from shared.registry.queries import name_of
from shared.schemas.note_types import NoteTypeRequest
from shared.schemas.prompts import Arm, PromptRequest, SplitRequest
from shared.tables import PromptSplit
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


def test_a_claim_whose_commit_was_not_answered_is_given_back(
    drain: Drain, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ledger.submit("A note of the first.", "A note of the second.")

    unanswered = iter([True])

    def once(session: Session, worker: UUID, **given: Any) -> list[Claim]:  # noqa: ANN401
        if next(unanswered, False):
            with ledger.worker.transaction() as committed:
                assert len(claim(committed, worker, **given)) == 2
            raise OperationalError("COMMIT", None, Exception())
        return claim(session, worker, **given)

    monkeypatch.setattr("workers.summarization.tasks.claim", once)
    monkeypatch.setattr("workers.persist._PAUSE_SECONDS", 0)
    drain.run()
    assert ledger.batch(batch).request_counts.completed == 2


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


PROMPT = {"user": "{{ note }}", "variables": {}}


def add(ledger: Ledger, **members: object) -> str:
    """A version of the visit note's prompt; its name."""
    request = PromptRequest.model_validate(PROMPT | members)
    with ledger.api.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        return name_of(add_prompt(session, vault, NOTE_TYPES["visit"], request, "key_1"))


def made_by(ledger: Ledger, batch: UUID) -> list[str | None]:
    return [r.summary.produced_by.prompt_version for r in ledger.results(batch) if r.summary]


def test_what_is_promoted_serves_from_the_next_claim(drain: Drain, ledger: Ledger) -> None:
    add(ledger, system="Be brief.")
    first = ledger.submit("A cough of three days.", note_type="visit")
    drain.run()
    with ledger.api.transaction(ledger.tenant) as session:
        promote(
            session,
            PROMPTS,
            tenant=ledger.tenant,
            note_type="visit",
            version=2,
            reason="tried",
            actor="key_1",
            override=True,
        )
    second = ledger.submit("A cough of four days.", note_type="visit")
    drain.run()
    served = made_by(ledger, first) + made_by(ledger, second)
    assert served == ["prompts:/visit/1", "prompts:/visit/2"]


def test_a_split_divides_by_weight_and_stays(drain: Drain, ledger: Ledger) -> None:
    add(ledger, system="Be brief.")
    arms = [Arm(version=1, weight=80), Arm(version=2, weight=20)]
    with ledger.api.transaction(ledger.tenant) as session:
        request = SplitRequest(arms=arms, reason="which")
        split = start_split(session, ledger.tenant, "visit", request, "key_1").id
    texts = [f"Cough for {days} days." for days in range(1_000)]
    sides = []
    for _ in range(2):
        hundreds = (texts[at : at + 100] for at in range(0, 1_000, 100))
        batches = [ledger.submit(*some, note_type="visit") for some in hundreds]
        drain.run()
        sides.append([side for batch in batches for side in made_by(ledger, batch)])
    assert sides[0] == sides[1]
    # Four standard deviations of a binomial of 1,000 and 0.2 are 51.
    assert abs(sides[0].count("prompts:/visit/2") - 200) < 51
    with ledger.api.transaction(ledger.tenant) as session:
        found = measure_split(session, session.get_one(PromptSplit, split))
    assert sum(arm.documents for arm in found.arms) == 2_000

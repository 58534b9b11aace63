"""The life of a dataset version in a real ledger: queued, made, ready or failed."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from shared.config import LedgerSettings
from shared.datasets.add import Provenance, add_rows, begin_version, submit_version
from shared.datasets.delete import delete_version
from shared.datasets.derive import derive_version
from shared.datasets.extend import extend_with_reviews
from shared.datasets.ledger import claim_version, drop_forgotten, publish
from shared.datasets.queries import answer_of, find_version, read_decisions
from shared.datasets.records import RejectedRow, Row
from shared.errors import InvalidInput
from shared.leases import requeue_lost
from shared.schemas.datasets import (
    DatasetError,
    DatasetVersionAnswer,
    DeriveRequest,
    Recipe,
    Split,
)
from shared.tables import DatasetMember, DatasetVersion
from tests.factories.training import review
from tests.fixtures.ledger import LEASE, Ledger
from workers.background import making
from workers.background.curation import Curation
from workers.background.making import Making, Superseded
from workers.presence import Presence

ABOUT = Provenance("visit", "written for the test", None, "training", holds_patient_data=False)
ILLNESSES = (
    ("asthma since childhood, worse at night", "an inhaler"),
    ("a sprained left ankle after football", "rest and ice"),
    ("migraine with aura twice a month", "a dark room"),
    ("gout in the right big toe", "a strict diet"),
    ("an itchy rash on both forearms", "a mild ointment"),
    ("heartburn after heavy meals", "smaller suppers"),
)

LATER = (
    "Breathing is easy now, and the inhaler was put away in spring.",
    "Walks without limping; the joint bears all of his weight.",
    "No headache since the holidays, she sleeps through every night.",
    "Uric acid fell to normal and the foot fits into a shoe.",
    "Skin is smooth, nothing itches, the cream is finished.",
    "Eats what he likes and has stopped his tablets by himself.",
)


def note(number: int) -> Row:
    what, advice = ILLNESSES[number % len(ILLNESSES)]
    source = f"Person {number} of the ward came because of {what}. We advised {advice}."
    return Row(number + 1, source, f"Came for {what}; {advice} advised.", group_id=f"p{number}")


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def first() -> list[str]:
    """When attachments were looked for."""
    return []


@pytest.fixture
def curation(ledger: Ledger, stopping: threading.Event, first: list[str]) -> Iterator[Curation]:
    settings = LedgerSettings()
    with Presence(ledger.worker, "background", settings) as presence:
        yield Curation(
            ledger.worker,
            ledger.vault,
            presence,
            settings,
            stopping,
            first=lambda: first.append("attachments"),
        )


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_PAGE", 4)


def add(
    ledger: Ledger,
    *rows: Row | RejectedRow,
    name: str = "visits",
    tenant: UUID | None = None,
    recipe: Recipe | None = None,
) -> int:
    vault = ledger.opened(tenant)
    with ledger.api.transaction(vault.tenant) as session:
        recipe = recipe or Recipe()
        version = begin_version(session, vault.tenant, name, ABOUT, recipe)
        add_rows(session, vault, version, ABOUT, rows)
        return submit_version(session, version)


def derive(ledger: Ledger, name: str = "visits", **request: object) -> int:
    with ledger.api.transaction(ledger.tenant) as session:
        asked = DeriveRequest.model_validate(request)
        return derive_version(session, ledger.tenant, name, asked)


def show(ledger: Ledger, number: int, name: str = "visits") -> DatasetVersionAnswer:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        return answer_of(vault, name, find_version(session, name, number), None)


def rows(ledger: Ledger, number: int, name: str = "visits") -> list[tuple[object, ...]]:
    """(line, decision, reason, split) of each."""
    with ledger.api.transaction(ledger.tenant) as session:
        version = find_version(session, name, number).id
        found = read_decisions(session, version, after=0, limit=1_000)
    return [(one.line, one.decision, one.reason, one.split) for one in found]


requeue = partial(
    requeue_lost, table=DatasetVersion, noun="version", lease_seconds=0.0, max_attempts=3
)


def change(ledger: Ledger, statement: str) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text(statement))


def test_a_version_is_made_of_its_rows(
    curation: Curation, ledger: Ledger, first: list[str]
) -> None:
    kept = [note(number) for number in range(6)]
    again = Row(8, kept[0].source, kept[0].target, group_id="p0")
    add(ledger, *kept, RejectedRow(7, "invalid_json", "Not valid JSON."), again)
    curation.run()
    version = show(ledger, 1)
    assert (version.status, version.error, version.percentage_done) == ("ready", None, 100.0)
    counts = version.counts
    assert (counts.rows, counts.kept, counts.dropped, counts.rejected) == (8, 6, 1, 1)
    assert sum(counts.splits.values()) == 6
    assert counts.splits["train"] >= 4
    decided = rows(ledger, 1)
    assert decided[6] == (7, "reject", "invalid_json", None)
    assert decided[7][1] == "drop"
    assert all(split for _, decision, _, split in decided if decision == "keep")
    assert version.recipe.steps
    assert version.report is not None
    assert first, "attachments go between the pages"


def test_it_is_made_anew_after_a_death_and_comes_out_the_same(
    curation: Curation, ledger: Ledger
) -> None:
    notes = [note(number) for number in range(6)]
    add(ledger, *notes, name="whole")
    curation.run()
    add(ledger, *notes)
    with ledger.worker.transaction() as session:
        dead = claim_version(session, ledger.worker_id, lease_seconds=LEASE)
    assert dead is not None
    half = Making(ledger.worker, ledger.vault, dead, lambda: None)
    # As far as the dead worker came.
    half._curate()
    half._split([])
    change(
        ledger,
        "UPDATE dataset_versions SET lease_expires_at = now() - interval '1 s' "
        "WHERE status = 'running'",
    )
    with ledger.worker.transaction() as session:
        assert requeue(session) == 1
    curation.run()
    assert show(ledger, 1).status == "ready"
    assert show(ledger, 1).counts == show(ledger, 1, "whole").counts
    assert [row[:3] for row in rows(ledger, 1)] == [row[:3] for row in rows(ledger, 1, "whole")]
    before = rows(ledger, 1)
    with pytest.raises(Superseded):
        half.run()
    with ledger.worker.transaction() as session:
        assert not publish(session, dead)
    assert rows(ledger, 1) == before


def test_a_worker_that_dies_each_time_is_not_followed_for_ever(ledger: Ledger) -> None:
    add(ledger, note(1))
    for _ in range(3):
        with ledger.worker.transaction() as session:
            assert claim_version(session, ledger.worker_id, lease_seconds=LEASE) is not None
        change(ledger, "UPDATE dataset_versions SET lease_expires_at = now() - interval '1 s'")
        with ledger.worker.transaction() as session:
            requeue(session)
    version = show(ledger, 1)
    assert (version.status, version.error and version.error.code) == ("failed", "worker_died")
    assert version.error is not None
    assert version.error.how_to_fix


def test_told_to_stop_it_gives_the_version_back(
    curation: Curation,
    ledger: Ledger,
    stopping: threading.Event,
    first: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(ledger, *(note(number) for number in range(6)))
    monkeypatch.setattr(curation, "_first", stopping.set)
    curation.run()
    assert show(ledger, 1).status == "queued"
    monkeypatch.undo()
    stopping.clear()
    curation.run()
    assert (show(ledger, 1).status, first != []) == ("ready", True)


def test_an_error_is_tried_again_and_then_told(
    curation: Curation,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def break_down(candidates: Iterator[Any], _: object) -> None:
        raise ValueError(next(iter(candidates)).source)

    monkeypatch.setattr(making, "curate", break_down)
    add(ledger, note(1))
    for status in ("queued", "queued", "failed"):
        curation.run()
        assert show(ledger, 1).status == status
        change(ledger, "UPDATE dataset_versions SET not_before = now()")
    error = show(ledger, 1).error
    assert error is not None
    assert (error.code, error.message) == (
        "processing_error",
        "It failed each time that it was tried.",
    )
    logged = capsys.readouterr()
    assert "version_failed" in logged.out + logged.err
    assert "ankle" not in logged.out + logged.err


def test_a_destroyed_key_fails_its_tenants_versions_alone(
    curation: Curation, ledger: Ledger
) -> None:
    other = ledger.new_tenant("ward-2")
    add(ledger, note(1))
    add(ledger, note(2), tenant=other)
    change(ledger, f"DELETE FROM data_keys WHERE tenant_id = '{ledger.tenant}'")
    curation.run()
    with ledger.owner.transaction() as session:
        found = session.execute(
            text("SELECT tenant_id, status, error_code FROM dataset_versions")
        ).all()
    assert {tuple(row) for row in found} == {
        (ledger.tenant, "failed", "data_key_destroyed"),
        (other, "ready", None),
    }


def test_versions_of_one_name_are_made_one_after_the_other(
    curation: Curation, ledger: Ledger
) -> None:
    claim = partial(claim_version, worker=ledger.worker_id, lease_seconds=LEASE)
    for name in ("visits", "visits", "others"):
        add(ledger, *(note(number) for number in range(6)), name=name)
    with ledger.worker.transaction() as session:
        made = [claim(session) for _ in range(3)]
    assert [one is not None for one in made] == [True, True, False]
    states = [show(ledger, *one).status for one in ((1, "visits"), (2, "visits"), (1, "others"))]
    assert states == ["running", "queued", "running"]
    change(ledger, "UPDATE dataset_versions SET status = 'queued', lease_expires_at = NULL")
    curation.run()
    assert rows(ledger, 1) == rows(ledger, 2)
    assert show(ledger, 2).status == "ready"


def test_a_group_keeps_its_split_in_every_version_of_a_name(
    curation: Curation, ledger: Ledger
) -> None:
    add(ledger, *(note(number) for number in range(6)))
    curation.run()
    before = {line: split for line, _, _, split in rows(ledger, 1)}
    later = [Row(12 - n, source, "Well again.", group_id=f"p{n}") for n, source in enumerate(LATER)]
    add(ledger, *later)
    curation.run()
    after = {13 - line: split for line, kept, _, split in rows(ledger, 2) if kept == "keep"}
    assert len(set(after.values())) > 1
    assert {line: before[line] for line in after} == after


@pytest.mark.parametrize(
    ("splits", "code"),
    [(("train", "test"), "group_spans_splits"), (("test", "test"), "group_is_settled")],
)
def test_splits_that_cannot_be_fail_the_version_with_what_to_do(
    curation: Curation, ledger: Ledger, splits: tuple[Split, Split], code: str
) -> None:
    add(ledger, Row(1, "The first visit.", group_id="p1", split="train"))
    curation.run()
    visits = (
        Row(1, "The knee is swollen.", group_id="p1", split=splits[0]),
        Row(2, "Nothing to be seen in the film.", group_id="p1", split=splits[1]),
    )
    add(ledger, *visits)
    curation.run()
    version = show(ledger, 2)
    assert (version.status, version.error and version.error.code) == ("failed", code)
    assert version.error is not None
    assert "split" in f"{version.error.message} {version.error.how_to_fix}"
    assert [decision for _, decision, _, _ in rows(ledger, 1)] == ["keep"]


@pytest.mark.parametrize(("line", "code"), [(2, "rejected_line"), (3, "unknown_line")])
def test_a_line_that_nobody_can_decide_about_is_refused(
    curation: Curation, ledger: Ledger, line: int, code: str
) -> None:
    add(ledger, note(0), RejectedRow(2, "invalid_json", "Not valid JSON."))
    curation.run()
    with pytest.raises(InvalidInput) as refused:
        derive(ledger, **{"from": "visits@1", "overrule": [{"line": line, "decision": "keep"}]})
    assert (refused.value.error_code, refused.value.line) == (code, line)
    derive(ledger, **{"from": "visits@1", "overrule": [{"line": 1, "decision": "drop"}]})


def test_what_a_person_overrules_holds_and_stays_so(curation: Curation, ledger: Ledger) -> None:
    again = note(0)
    copied = Row(7, again.source, again.target, group_id=again.group_id)
    bad = RejectedRow(8, "invalid_json", "Not valid JSON.")
    add(ledger, *(note(number) for number in range(6)), copied, bad)
    curation.run()
    reason = rows(ledger, 1)[6][2]
    assert rows(ledger, 1)[6][1] == "drop"
    overruled = [
        {"line": 7, "decision": "keep"},
        {"line": 2, "decision": "drop"},
        {"line": 1, "decision": "keep"},
    ]
    derive(ledger, **{"from": "visits@1", "overrule": overruled})
    curation.run()
    derive(ledger, **{"from": "visits@2"})
    curation.run()
    for number in (2, 3):
        decided = rows(ledger, number)
        assert decided[6][1:3] == ("keep", "overruled")
        assert decided[1] == (2, "drop", "overruled", None)
        assert decided[0][1:3] == ("keep", None)
        assert decided[7][1:3] == ("reject", "invalid_json")
    with ledger.owner.transaction() as session:
        details = session.scalars(
            text("SELECT detail FROM dataset_members WHERE reason = 'overruled' AND line = 7")
        )
        assert set(details) == {reason}


def test_reviews_are_collected_once_beside_the_rows_that_are_there(
    curation: Curation, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pages of four: the first attempt breaks off after two of three, the next begins anew."""
    add(ledger, *(note(number) for number in range(6)), RejectedRow(7, "invalid_json", "No."))
    curation.run()
    review(ledger, *["accepted"] * 9, "rejected")
    with ledger.worker.transaction(ledger.tenant) as session:
        version = extend_with_reviews(session, ledger.tenant, "visits", "visit")
    assert show(ledger, 2).status == "queued"

    def held() -> int:
        with ledger.owner.transaction() as session:
            query = select(func.count()).where(DatasetMember.version_id == version)
            return session.scalar(query) or 0

    assert held() == 0
    pages = iter([None])
    monkeypatch.setattr(curation, "_first", lambda: next(pages))
    curation.run()
    assert (show(ledger, 2).status, held()) == ("queued", 7 + 8)
    change(ledger, "UPDATE dataset_versions SET not_before = now()")
    monkeypatch.setattr(curation, "_first", lambda: None)
    curation.run()
    made = show(ledger, 2)
    assert (made.status, made.error, made.recipe.reviews) == ("ready", None, "visit")
    assert made.counts.rows == 7 + 9
    assert [row[0] for row in rows(ledger, 2)] == list(range(1, 17))
    assert rows(ledger, 2)[:7] == rows(ledger, 1)
    review(ledger, "accepted")
    # As when its pseudo-labels are written: it is made again of the rows that it has.
    change(ledger, f"UPDATE dataset_versions SET status = 'queued' WHERE id = '{version}'")
    curation.run()
    assert (show(ledger, 2).status, show(ledger, 2).counts) == ("ready", made.counts)


def test_a_version_whose_rows_were_deleted_is_not_extended(
    curation: Curation, ledger: Ledger
) -> None:
    add(ledger, *(note(number) for number in range(6)))
    curation.run()
    review(ledger, "accepted")
    with ledger.worker.transaction(ledger.tenant) as session:
        extend_with_reviews(session, ledger.tenant, "visits", "visit")
    with ledger.api.transaction(ledger.tenant) as session:
        delete_version(session, find_version(session, "visits", 1).id)
    curation.run()
    assert (show(ledger, 2).error or DatasetError(code="", message="")).code == "dataset_deleted"


def test_an_upload_that_nobody_sends_any_more_is_dropped(ledger: Ledger) -> None:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        for name in ("lost", "coming"):
            version = begin_version(session, ledger.tenant, name, ABOUT, Recipe())
            add_rows(session, vault, version, ABOUT, [note(1)])
    change(
        ledger,
        "UPDATE dataset_versions SET received_at = now() - interval '11 minutes' "
        "WHERE dataset_id = (SELECT id FROM datasets WHERE name = 'lost')",
    )
    with ledger.worker.transaction() as session:
        assert drop_forgotten(session, limit=10) == 1
    with ledger.owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM dataset_members")) == 1


def test_no_text_stands_in_the_clear(curation: Curation, ledger: Ledger) -> None:
    add(ledger, *(note(number) for number in range(6)))
    curation.run()
    with ledger.owner.transaction() as session:
        for table in ("datasets", "dataset_versions", "dataset_members", "examples"):
            stored = session.scalars(text(f"SELECT to_jsonb(t)::text FROM {table} t")).all()
            assert stored
            plain = json.dumps(stored)
            assert "ankle" not in plain
            assert b"ankle".hex() not in plain

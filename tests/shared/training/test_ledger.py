"""The states of a run, and who may claim it."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.errors import Conflict, NotFound
from shared.leases import Lease
from shared.schemas.training import TrainingRequest
from shared.tables import TrainingRun
from shared.training.cancel import cancel_run
from shared.training.ledger import (
    asked_of,
    claim_run,
    fail_run,
    fail_without_base,
    note_checkpoint,
    release_run,
    requeue_lost_runs,
    stop_run,
    succeed_run,
)
from shared.training.pause import pause_run
from shared.training.record import (
    Event,
    Point,
    begin_step,
    end_steps,
    forget_points_after,
    record_events,
    record_points,
)
from shared.training.resume import resume_run
from shared.training.submit import submit_run
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.ledger import LEASE, Ledger

Change = Callable[..., TrainingRun]


def submit(ledger: Ledger) -> UUID:
    request = TrainingRequest(note_type="visit", dataset="visits", base_model="tiny")
    with ledger.api.transaction(ledger.tenant) as session:
        return submit_run(session, ledger.tenant, request, default_base=None).id


def claim(ledger: Ledger, host: str = "a", device: str = "cpu") -> Lease | None:
    with ledger.worker.transaction() as session:
        return claim_run(session, uuid4(), host=host, device=device, lease_seconds=LEASE)


def held(ledger: Ledger, host: str = "a") -> Lease:
    lease = claim(ledger, host)
    assert lease is not None
    return lease


def change(ledger: Ledger, do: Change, run: UUID) -> str:
    with ledger.api.transaction(ledger.tenant) as session:
        return do(session, run).status


def lose(ledger: Ledger, max_attempts: int = 3) -> None:
    """Its worker dies, and the dispatcher looks."""
    with ledger.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE training_runs SET lease_expires_at = now() - interval '1 s' "
                "WHERE status = 'running'"
            )
        )
    with ledger.worker.transaction() as session:
        requeue_lost_runs(session, lease_seconds=0.0, max_attempts=max_attempts)


def row(ledger: Ledger, run: UUID) -> TrainingRun:
    with ledger.owner.transaction() as session:
        return session.get_one(TrainingRun, run)


@pytest.fixture
def run(ledger: Ledger) -> UUID:
    ready_dataset(ledger)
    ready_base(ledger)
    return submit(ledger)


def test_one_run_at_a_time_has_a_device(ledger: Ledger, run: UUID) -> None:
    second = submit(ledger)
    lease = held(ledger)
    assert lease.id == run
    assert claim(ledger) is None
    elsewhere = claim(ledger, device="cuda")
    assert elsewhere is not None
    assert elsewhere.id == second


def test_two_workers_that_ask_at_once_do_not_both_get_the_device(ledger: Ledger, run: UUID) -> None:
    submit(ledger)
    with ledger.worker.transaction() as mine:
        assert claim_run(mine, uuid4(), host="a", device="cpu", lease_seconds=LEASE) is not None
        with ledger.worker.transaction() as other:
            other.execute(text("SET LOCAL statement_timeout = '300ms'"))
            # It does not see the first one, takes the next run and waits for the index.
            with pytest.raises(Exception, match="timeout"):
                claim_run(other, uuid4(), host="a", device="cpu", lease_seconds=LEASE)
    assert claim(ledger) is None
    assert row(ledger, run).status == "running"


def test_a_run_waits_for_its_base_and_fails_with_it(ledger: Ledger, run: UUID) -> None:
    for status in ("queued", "failed"):
        with ledger.owner.transaction() as session:
            session.execute(
                text("UPDATE bases SET status = :status, error_message = 'No weights.'"),
                {"status": status},
            )
        assert claim(ledger) is None
    with ledger.worker.transaction() as session:
        assert fail_without_base(session) == 1
    failed = row(ledger, run)
    assert (failed.status, failed.error_code) == ("failed", "base_failed")
    assert failed.error_message == "Its base was not imported. No weights."


def test_a_run_goes_on_where_its_checkpoints_lie(ledger: Ledger, run: UUID) -> None:
    lease = held(ledger)
    assert lease.id == run
    with ledger.worker.transaction(ledger.tenant) as session:
        release_run(session, lease)
        session.execute(
            text(
                "INSERT INTO workers (id, queue, host, pid, state, seen_at) "
                "VALUES (:id, 'training', 'a', 1, 'idle', now())"
            ),
            {"id": uuid4()},
        )
    assert claim(ledger, host="b") is None
    assert claim(ledger, host="a") is not None


def test_a_run_that_loses_its_workers_fails_unless_it_gets_on(ledger: Ledger, run: UUID) -> None:
    for _ in range(5):
        lease = held(ledger)
        with ledger.worker.transaction(ledger.tenant) as session:
            note_checkpoint(session, lease)
        lose(ledger)
        assert row(ledger, run).status == "queued"
    for status in ("queued", "failed"):
        held(ledger)
        lose(ledger)
        assert row(ledger, run).status == status
    assert row(ledger, run).error_code == "worker_died"
    assert row(ledger, run).ended_at is not None


def test_who_lost_a_run_writes_nothing(ledger: Ledger, run: UUID) -> None:
    lost = held(ledger)
    lose(ledger)
    mine = held(ledger)
    assert mine.fence > lost.fence
    with ledger.worker.transaction(ledger.tenant) as session:
        assert asked_of(session, lost) == "lost"
        assert not fail_run(session, lost, "x", "y")
        assert not succeed_run(session, lost)
        assert not release_run(session, lost)
        assert not begin_step(session, lost, "train")
        assert asked_of(session, mine) is None
    assert row(ledger, run).step is None


@pytest.mark.parametrize(("do", "state"), [(cancel_run, "cancelled"), (pause_run, "paused")])
def test_what_is_asked_of_a_running_run_its_worker_does(
    ledger: Ledger, run: UUID, do: Change, state: str
) -> None:
    lease = held(ledger)
    assert change(ledger, do, run) == "running"
    with ledger.worker.transaction(ledger.tenant) as session:
        assert asked_of(session, lease) is not None
        assert stop_run(session, lease) == state
    ended = row(ledger, run)
    assert (ended.status, ended.asked) == (state, None)
    assert (ended.ended_at is None) == (state == "paused")


@pytest.mark.parametrize(("do", "state"), [(cancel_run, "cancelled"), (pause_run, "paused")])
def test_what_is_asked_is_done_though_the_worker_dies(
    ledger: Ledger, run: UUID, do: Change, state: str
) -> None:
    held(ledger)
    change(ledger, do, run)
    lose(ledger)
    assert row(ledger, run).status == state


def test_a_run_is_paused_resumed_and_cancelled_while_nobody_works_on_it(
    ledger: Ledger, run: UUID
) -> None:
    assert change(ledger, pause_run, run) == "paused"
    assert claim(ledger) is None
    assert change(ledger, resume_run, run) == "queued"
    assert change(ledger, cancel_run, run) == "cancelled"
    assert change(ledger, cancel_run, run) == "cancelled"
    for do in (pause_run, resume_run):
        with pytest.raises(Conflict, match="cancelled"):
            change(ledger, do, run)


def test_a_pause_is_taken_back_before_the_worker_came_to_it(ledger: Ledger, run: UUID) -> None:
    lease = held(ledger)
    change(ledger, pause_run, run)
    change(ledger, resume_run, run)
    with ledger.worker.transaction(ledger.tenant) as session:
        assert stop_run(session, lease) is None
    assert row(ledger, run).status == "running"


def test_another_tenants_run_is_not_there(ledger: Ledger, run: UUID) -> None:
    other = ledger.new_tenant("ward-2")
    for do in (cancel_run, pause_run, resume_run):
        with pytest.raises(NotFound), ledger.api.transaction(other) as session:
            do(session, run)


def test_points_are_merged_and_what_a_resumed_run_does_again_is_forgotten(
    ledger: Ledger, run: UUID
) -> None:
    lease = held(ledger)
    assert lease.id == run
    with ledger.worker.transaction(ledger.tenant) as session:
        first = [Point(1, 0.1, {"train_loss": 3.0}), Point(2, 0.2, {"train_loss": 2.0})]
        record_points(session, lease, first)
        again = [Point(2, 0.2, {"rougeL": 9.0}), Point(3, 0.3, {"train_loss": 1.0})]
        record_points(session, lease, again)
        forget_points_after(session, lease, 2)
        record_events(session, lease, [Event("info", "resumed", "It goes on.")])
        rows = session.execute(
            text("SELECT step, measured FROM training_points ORDER BY step")
        ).all()
    assert [tuple(one) for one in rows] == [
        (1, {"train_loss": 3.0}),
        (2, {"train_loss": 2.0, "rougeL": 9.0}),
    ]


def test_steps_are_over_when_the_next_begins_also_after_a_resumption(
    ledger: Ledger, run: UUID
) -> None:
    lease = held(ledger)
    with ledger.worker.transaction(ledger.tenant) as session:
        for step in ("prepare", "train", "prepare", "train", "export", "register"):
            begin_step(session, lease, step)
        succeed_run(session, lease, steps=end_steps(session, lease))
    over = [step["name"] for step in row(ledger, run).steps]
    assert over == ["prepare", "train", "export", "register"]

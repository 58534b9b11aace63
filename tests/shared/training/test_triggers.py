"""What a look of the dispatcher starts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from shared.datasets.collect import FIRST, begin_collecting, collect_page
from shared.schemas.training import TriggerRequest
from shared.tables import (
    AuditEvent,
    Dataset,
    DatasetMember,
    DatasetVersion,
    Summary,
    Tenant,
    TrainingRun,
    TrainingTrigger,
)
from shared.training.triggers.add import add_trigger
from shared.training.triggers.pause import pause_trigger
from shared.training.triggers.schedule import next_slot
from tests.factories.registry import add_dataset_version, add_model_version
from tests.factories.training import ready_base, ready_dataset, review
from tests.fixtures.ledger import Ledger
from workers.dispatch.triggers import start_runs

ASKED = {"note_type": "visit", "dataset": "visits", "base_model": "tiny"}
HOURLY = {"schedule": "0 * * * *", "time_zone": "UTC"}
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def begun(ledger: Ledger) -> Ledger:
    ready_dataset(ledger)
    ready_base(ledger)
    return ledger


def add(ledger: Ledger, **given: Any) -> UUID:  # noqa: ANN401 - any JSON
    request = TriggerRequest.model_validate(ASKED | given)
    with ledger.api.transaction(ledger.tenant) as session:
        return add_trigger(session, ledger.tenant, request, default_base=None).id


def change(ledger: Ledger, table: type[Any], **columns: object) -> None:
    with ledger.owner.transaction() as session:
        session.execute(update(table).values(**columns))


def look(ledger: Ledger) -> list[TrainingRun]:
    """All runs, after the dispatcher has looked once."""
    start_runs(ledger.worker, ledger.vault)
    with ledger.owner.transaction() as session:
        return list(session.scalars(select(TrainingRun).order_by(TrainingRun.id)))


def trigger_of(ledger: Ledger) -> TrainingTrigger:
    with ledger.owner.transaction() as session:
        return session.scalars(select(TrainingTrigger)).one()


def audited(ledger: Ledger) -> list[tuple[str, list[str]]]:
    """(action, objects) of all that the trigger has done."""
    actor = f"trigger_{trigger_of(ledger).id.hex}"
    with ledger.owner.transaction() as session:
        rows = session.execute(
            select(AuditEvent.action, AuditEvent.objects)
            .where(AuditEvent.actor == actor)
            .order_by(AuditEvent.id)
        )
        return [(row.action, row.objects) for row in rows]


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        # Clocks go forward at 2:00 on 2026-03-29 in Vienna, and back at 3:00 on 2026-10-25.
        ("30 2 * * *", "2026-03-28T03:00+01:00", "2026-03-29T03:00+02:00"),
        ("30 2 * * *", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"),
        ("30 2 * * *", "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),
        ("30 2 * * *", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
        ("0 * * * *", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"),
        ("0 9 * * 1", "2026-06-01T09:00+02:00", "2026-06-08T09:00+02:00"),
    ],
)
def test_a_schedule_goes_by_the_clocks_of_its_zone(schedule: str, after: str, due: str) -> None:
    found = next_slot(schedule, "Europe/Vienna", datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(due)


def test_a_slot_that_has_come_starts_one_run(begun: Ledger) -> None:
    add(begun, **HOURLY, method="full", hyperparameters={"max_steps": 9}, seed=5)
    assert look(begun) == []
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    ready_dataset(begun)
    (run,) = look(begun)
    assert (run.status, run.method, run.seed, run.promote) == ("queued", "full", 5, "never")
    assert run.hyperparameters == {"max_steps": 9}
    trigger = trigger_of(begun)
    # Hundreds of slots were missed: one run for them all, and the next slot lies ahead.
    assert (run.trigger_id, run.slot) == (trigger.id, LONG_AGO.isoformat())
    assert trigger.next_at is not None
    assert trigger.next_at > datetime.now(UTC)
    assert len(look(begun)) == 1
    with begun.owner.transaction() as session:
        number = session.scalar(
            select(DatasetVersion.number).where(DatasetVersion.id == run.dataset_version_id)
        )
    assert number == 2
    assert audited(begun) == [("training_run.create", [f"run_{run.id.hex}"])]


def test_dispatchers_that_look_at_once_start_one_run(begun: Ledger) -> None:
    add(begun, **HOURLY)
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(start_runs, begun.worker, begun.vault) for _ in range(4)]:
            done.result()
    assert len(look(begun)) == 1


def test_a_slot_is_never_used_twice(begun: Ledger) -> None:
    """As if the trigger's row had been restored from before the run was started."""
    add(begun, **HOURLY)
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    look(begun)
    change(begun, TrainingRun, status="succeeded")
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    assert len(look(begun)) == 1


def test_a_slot_that_comes_while_the_last_run_goes_on_starts_none(begun: Ledger) -> None:
    add(begun, **HOURLY)
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    look(begun)
    change(begun, TrainingTrigger, next_at=LONG_AGO + timedelta(hours=1))
    assert len(look(begun)) == 1
    assert "had not ended" in (trigger_of(begun).last_error or "")
    change(begun, TrainingRun, status="succeeded")
    change(begun, TrainingTrigger, next_at=LONG_AGO + timedelta(hours=2))
    assert len(look(begun)) == 2
    assert trigger_of(begun).last_error is None


def test_what_keeps_a_run_from_starting_is_told_with_advice(begun: Ledger) -> None:
    add(begun, **HOURLY)
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    with begun.owner.transaction() as session:
        session.execute(text("UPDATE dataset_members SET permitted_use = 'evaluation'"))
    assert look(begun) == []
    assert "may be trained on" in (trigger_of(begun).last_error or "")
    assert "permitted_use=training" in (trigger_of(begun).last_error or "")
    change(begun, DatasetVersion, status="failed")
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    assert look(begun) == []
    assert "No version of its dataset is ready." in (trigger_of(begun).last_error or "")


def test_paused_ones_and_those_of_suspended_tenants_start_nothing(begun: Ledger) -> None:
    trigger = add(begun, **HOURLY)
    change(begun, TrainingTrigger, next_at=LONG_AGO)
    change(begun, Tenant, suspended_at=LONG_AGO)
    assert look(begun) == []
    change(begun, Tenant, suspended_at=None)
    with begun.api.transaction(begun.tenant) as session:
        pause_trigger(session, trigger)
    assert look(begun) == []


def test_enough_new_reviews_become_a_version_and_then_a_run_on_it(begun: Ledger) -> None:
    review(begun, "accepted", "accepted")
    add(begun, new_reviews=2, promote="if_gate_passes")
    review(begun, "accepted", "rejected")
    review(begun, "accepted", note_type="discharge")
    look(begun)
    assert trigger_of(begun).pending_version_id is None
    review(begun, "edited")
    assert look(begun) == []
    pending = trigger_of(begun).pending_version_id
    with begun.owner.transaction() as session:
        version = session.get_one(DatasetVersion, pending)
        held = session.scalar(select(func.count()).where(DatasetMember.version_id == version.id))
    assert audited(begun) == [("dataset.derive", ["visits@2"])]
    # The dispatcher says that it is time; to collect is the background worker's.
    assert (version.number, version.status, held) == (2, "queued", 0)
    assert look(begun) == []
    # Beside the rows of the newest version all that was reviewed, also before the trigger.
    assert curated(begun, version) == {"uploaded": 5, "reviewed": 4}
    (run,) = look(begun)
    assert (run.dataset_version_id, run.slot) == (pending, "visits@2")
    assert run.promote == "if_gate_passes"
    trigger = trigger_of(begun)
    assert (trigger.pending_version_id, trigger.last_error) == (None, None)
    change(begun, TrainingRun, status="succeeded")
    review(begun, "accepted")
    assert len(look(begun)) == 1
    assert trigger_of(begun).pending_version_id is None
    # The next version holds each reviewed summary once.
    review(begun, "accepted")
    look(begun)
    again = trigger_of(begun).pending_version_id
    with begun.owner.transaction() as session:
        version = session.get_one(DatasetVersion, again)
    assert curated(begun, version) == {"uploaded": 5, "reviewed": 6}


def test_dispatchers_that_count_reviews_at_once_queue_one_version(begun: Ledger) -> None:
    add(begun, new_reviews=2)
    review(begun, "accepted", "edited")
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(start_runs, begun.worker, begun.vault) for _ in range(4)]:
            done.result()
    with begun.owner.transaction() as session:
        assert session.scalars(select(DatasetVersion.number)).all() == [1, 2]


def test_what_was_accepted_of_a_withdrawn_model_does_not_count(begun: Ledger) -> None:
    add(begun, new_reviews=2)
    review(begun, "accepted", "edited")
    change(begun, Summary, model_version="models:/visit/1")
    dataset = add_dataset_version(begun, name="trained")
    withdrawn = {"status": "withdrawn", "withdrawn_at": LONG_AGO}
    add_model_version(begun, 1, dataset, **withdrawn)
    look(begun)
    assert trigger_of(begun).pending_version_id is None
    review(begun, "accepted")
    look(begun)
    assert trigger_of(begun).pending_version_id is not None


def test_reviews_alone_are_a_dataset_where_there_was_none(begun: Ledger) -> None:
    add(begun, dataset="reviewed", new_reviews=1)
    review(begun, "edited")
    look(begun)
    with begun.owner.transaction() as session:
        number = session.scalar(
            select(DatasetVersion.number).join(Dataset).where(Dataset.name == "reviewed")
        )
    assert number == 1


def test_a_version_of_reviews_that_fails_is_told(begun: Ledger) -> None:
    add(begun, new_reviews=1)
    review(begun, "accepted")
    look(begun)
    change(begun, DatasetVersion, status="failed", error_message="Two rows are one.")
    assert look(begun) == []
    trigger = trigger_of(begun)
    assert trigger.pending_version_id is None
    assert "visits@2, failed: Two rows are one." in (trigger.last_error or "")


def curated(ledger: Ledger, version: DatasetVersion) -> dict[str, int]:
    """What the background worker does: rows keep the splits of the version before.

    Returns how many there are of each kind.
    """
    vault = ledger.opened()
    with ledger.worker.transaction(ledger.tenant) as session:
        line = begin_collecting(session, version.id, version.derived_from)
        collect_page(session, vault, version.id, "visit", line=line, after=FIRST, limit=99)
    with ledger.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE dataset_members m SET decision = 'keep', split = coalesce(("
                "SELECT o.split FROM dataset_members o WHERE o.version_id = :parent "
                "AND o.line = m.line), 'train') WHERE m.version_id = :version"
            ),
            {"parent": version.derived_from, "version": version.id},
        )
        session.execute(
            update(DatasetVersion).where(DatasetVersion.id == version.id).values(status="ready")
        )
        kinds = session.execute(
            select(DatasetMember.kind, func.count())
            .where(DatasetMember.version_id == version.id)
            .group_by(DatasetMember.kind)
        ).all()
    return {row[0]: row[1] for row in kinds}

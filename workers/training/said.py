"""What the trainer says, written down: points, events, how far it is."""

from collections.abc import Sequence
from typing import Any

from shared import leases
from shared.database import Database
from shared.leases import Lease
from shared.tables import TrainingRun
from shared.training.ledger import note_checkpoint
from shared.training.record import (
    Event,
    Point,
    begin_step,
    record_events,
    record_points,
    record_progress,
)
from workers.training.process import Said

_NO_MEASURE = frozenset({"event", "step", "epoch"})


class Lost(Exception):
    """Another worker has the run: nothing more is to be done or written here."""


def write_down(database: Database, lease: Lease, heard: Sequence[Said]) -> None:
    """All of it in one transaction. Raises Lost."""
    if not heard:
        return
    with database.transaction(lease.tenant) as session:
        if not leases.hold(session, TrainingRun, lease):
            raise Lost
        record_points(session, lease, points_of(heard))
        record_events(session, lease, _events_of(heard))
        steps = [said for said in heard if said["event"] == "step"]
        if any(said["step"] == "export" for said in steps):
            begin_step(session, lease, "export", total=1)
        elif training := [said for said in steps if said["step"] == "train"]:
            record_progress(session, lease, training[-1]["done"], training[-1]["total"])
        if any(said["event"] == "checkpoint" for said in heard):
            note_checkpoint(session, lease)


def points_of(heard: Sequence[Said]) -> list[Point]:
    return [point_of(said) for said in heard if said["event"] == "points"]


def point_of(measured: dict[str, Any]) -> Point:
    """Of the event `points`, and of a checkpoint's or an outcome's."""
    values = {name: value for name, value in measured.items() if name not in _NO_MEASURE}
    return Point(int(measured["step"]), float(measured["epoch"]), values)


def _events_of(heard: Sequence[Said]) -> list[Event]:
    events = []
    for said in heard:
        match said["event"]:
            case "warning":
                events.append(Event("warning", said["code"], said["message"]))
            case "checkpoint":
                words = "the best so far" if said.get("best") else "written"
                events.append(
                    Event("info", "checkpoint", f"Checkpoint of step {said['step']}: {words}.")
                )
    return events

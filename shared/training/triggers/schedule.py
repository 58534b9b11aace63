"""When a schedule is due: five fields as of cron(8), in a time zone.

Where clocks change it goes as in Debian's cron: a fixed time that is left out comes right after the
gap, one that comes twice counts once; what repeats by the hour or minute goes by elapsed time.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from shared.errors import InvalidInput

_FIELDS = 5


def next_slot(schedule: str, time_zone: str, after: datetime) -> datetime:
    """The first moment past `after`, in UTC. Raises InvalidInput."""
    zone = _zone(time_zone)
    try:
        if len(schedule.split()) != _FIELDS:
            raise _unreadable()
        return next(CronSim(schedule, after.astimezone(zone))).astimezone(UTC)
    except (CronSimError, ValueError):
        raise _unreadable() from None
    except StopIteration:
        raise InvalidInput(
            "This schedule is never due.",
            code="invalid_schedule",
            param="schedule",
            how_to_fix="Look at its day and month: there is no 30th of February.",
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # A folder of the database is no zone, and says so as the file system does.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            "There is no such time zone.",
            code="invalid_time_zone",
            param="time_zone",
            how_to_fix="Name it as the IANA database does: Europe/Vienna, America/New_York, UTC.",
        ) from None


def _unreadable() -> InvalidInput:
    return InvalidInput(
        "A schedule is five fields: minute, hour, day of the month, month, day of the week.",
        code="invalid_schedule",
        param="schedule",
        how_to_fix="`0 2 * * 0` is each Sunday at two; crontab(5) explains the fields.",
    )

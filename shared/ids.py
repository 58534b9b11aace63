"""Identifiers: UUIDv7 inside, `batch_…` outside.

UUIDv7 (RFC 9562, section 5.7) rises with time, so that rows of one batch lie together in an index
and the order of ids is the order of arrival.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.errors import NotFound

_SPOKEN = {
    "doc": "document",
    "sum": "summary",
    "rev": "review",
    "audit": "audit event",
    "run": "training run",
}
_LAST_MILLISECOND = 2**48 - 1


def new_id() -> UUID:
    """A UUIDv7: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits.

    The fraction (method 3 of section 6.2) keeps ids of one process in order to a quarter of a
    microsecond.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def first_id(moment: datetime, shift: timedelta = timedelta()) -> UUID:
    """The lowest id of the millisecond of `moment + shift`: ids made before that are below it."""
    milliseconds = int((moment.timestamp() + shift.total_seconds()) * 1000)
    return UUID(int=min(max(milliseconds, 0), _LAST_MILLISECOND) << 80)


def made_at(value: UUID) -> datetime:
    """When an id was made, to a millisecond; the end of time for one that is none of ours."""
    milliseconds = value.int >> 80
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def public_id(prefix: str, value: UUID) -> str:
    """`batch_018f…`: what the outside calls it."""
    return f"{prefix}_{value.hex}"


def parse_id(prefix: str, text: str) -> UUID:
    """The inverse of `public_id`. Raises NotFound: an id of no form of ours names nothing."""
    head, _, digits = text.partition("_")
    try:
        if head == prefix and len(digits) == 32:  # noqa: PLR2004 - a UUID in hex
            return UUID(hex=digits)
    except ValueError:
        pass
    raise NotFound(f"There is no such {_SPOKEN.get(prefix, prefix)}.")

"""Identifiers: UUIDv7 inside, `batch_…` outside.

UUIDv7 (RFC 9562, section 5.7) rises with time, so that rows of one batch lie together in an index
and the order of ids is the order of arrival.
"""

import os
import time
from uuid import UUID

from shared.errors import NotFound


def new_id() -> UUID:
    """A UUIDv7: 48 bits of milliseconds, then 12 + 62 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


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
    raise NotFound(f"There is no such {prefix}.")

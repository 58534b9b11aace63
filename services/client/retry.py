"""When to ask again: exponential pauses, the server's Retry-After, a bounded total."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Retry:
    """All times in seconds. `total` bounds the sum of the pauses of one request."""

    total: float = 60.0
    queue_full: float = 7 * 24 * 3600.0
    """The bound while the server takes no more because of what waits already: that passes."""
    first_contact: float = 2.0
    """The bound while the server has never answered: a wrong address should be told soon."""
    first_pause: float = 0.25
    longest_pause: float = 10.0
    sleep: Callable[[float], None] = time.sleep

    def pause(self, attempt: int, waited: float, asked: float | None, total: float) -> float | None:
        """How long to wait after failure number `attempt` (from 0); None to give up.

        `asked` is the server's own wish, which is followed or, past the bound, refused.
        """
        if asked is not None:
            pause = max(asked, self.first_pause)
        else:
            pause = min(self.first_pause * 2.0**attempt, self.longest_pause)
        return pause if waited + pause <= total else None


def parse_retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header: a number or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())

"""Requests per tenant, a token bucket each (RFC 9110 says how to answer: 429, Retry-After)."""

import math
import threading
import time
from collections.abc import Callable
from uuid import UUID

from shared.errors import TooManyRequests


class RateLimit:
    """Lets each tenant send `per_minute` requests a minute to this process, and as many at once.

    Held in this process alone: N processes let N times as many pass.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._most = float(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[UUID, tuple[float, float]] = {}
        """Tenant → (tokens, when they were counted)."""

    def take(self, tenant: UUID) -> None:
        """Raises TooManyRequests."""
        with self._lock:
            now = self._clock()
            tokens, counted = self._buckets.get(tenant, (self._most, now))
            tokens = min(self._most, tokens + (now - counted) * self._per_second)
            allowed = tokens >= 1
            self._buckets[tenant] = (tokens - allowed, now)
        if not allowed:
            raise TooManyRequests(
                f"More than {round(self._most)} requests in a minute.",
                code="rate_limited",
                retry_after_seconds=math.ceil((1 - tokens) / self._per_second),
                how_to_fix="Wait as long as Retry-After says. One batch holds many documents, and "
                "one request for results many results.",
            )

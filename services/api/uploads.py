"""Bodies that are being read, of which each holds a thread for as long as its sender likes."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from shared.errors import TooManyRequests

_RETRY_SECONDS = 2


class Uploads:
    """At most `most` at once, and at most half of them of one tenant.

    So slow senders leave threads for every other request, and one tenant's leave room for others.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: Counter[UUID] = Counter()

    @contextmanager
    def hold(self, tenant: UUID) -> Iterator[None]:
        """Raises TooManyRequests."""
        with self._lock:
            if self._held.total() >= self._most or 2 * self._held[tenant] >= self._most:
                raise TooManyRequests(
                    "As many bodies as are read at once are on their way already.",
                    code="too_many_uploads",
                    retry_after_seconds=_RETRY_SECONDS,
                    how_to_fix="Send fewer at once; one body may hold many documents.",
                )
            self._held[tenant] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[tenant] -= 1
                self._held += Counter()

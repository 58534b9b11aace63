"""A worker's presence and its leases, renewed by one thread beside the work.

The thread renews leases only while the micro-batch is within its deadline. Past it the process ends
itself: an engine that hangs is then a death like any other, seen within a lease.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import case, delete, func, select, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.config import LedgerSettings
from shared.database import Database
from shared.documents.ledger import Claim, heartbeat
from shared.ids import new_id
from shared.logs import describe, get_logger
from shared.tables import WorkerPresence

_log = get_logger()
_FRESH_SECONDS = 60


class Presence:
    """Says every few seconds that this worker lives, and renews what it holds."""

    def __init__(self, database: Database, queue: str, settings: LedgerSettings) -> None:
        self.worker = new_id()
        self.engine: str | None = None
        self.characters_per_second: float | None = None
        self._database = database
        self._queue = queue
        self._settings = settings
        self._state = "loading"
        self._attentions: dict[str, str] = {}
        self._held: tuple[Sequence[Claim], float] | None = None
        self._kept: Callable[[Session], object] | None = None
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._wake.set()
        self._thread.join(timeout=2)
        try:
            with self._database.transaction() as session:
                session.execute(delete(WorkerPresence).where(WorkerPresence.id == self.worker))
        except SQLAlchemyError as problem:
            _log.warning("presence_not_removed", error=describe(problem))

    def report(self, state: str) -> None:
        """`idle` or `busy`, seen by others at once."""
        if state != self._state:
            self._state = state
            self._wake.set()

    def attend(self, code: str | None, *, of: str = "") -> None:
        """Something is wrong with `of` (`code`), or nothing is any more (None)."""
        if code != self._attentions.get(of):
            if code is None:
                del self._attentions[of]
            else:
                self._attentions[of] = code
            self._wake.set()

    def attention_seconds(self, code: str) -> float:
        """How long workers of this queue have said so: a restart does not begin anew."""
        with self._database.transaction() as session:
            since = session.scalar(
                select(func.extract("epoch", func.now() - func.min(WorkerPresence.attention_since)))
                .where(WorkerPresence.queue == self._queue, WorkerPresence.attention == code)
                .where(WorkerPresence.seen_at > text(f"now() - interval '{_FRESH_SECONDS} s'"))
            )
        return float(since or 0.0)

    def hold(self, claims: Sequence[Claim]) -> None:
        """Renew these leases until `let_go`, or until the micro-batch's deadline."""
        per_character = self._settings.deadline_seconds / 25_000
        characters = sum(claim.size for claim in claims)
        deadline = time.monotonic() + self._settings.deadline_seconds + characters * per_character
        self._held = (claims, deadline)

    def let_go(self) -> None:
        self._held = None

    @contextmanager
    def keep(self, renew: Callable[[Session], object]) -> Iterator[None]:
        """Renew the lease of long work, which says by its progress that it does not hang."""
        self._kept = renew
        try:
            yield
        finally:
            self._kept = None

    def _run(self) -> None:
        pause = min(self._settings.lease_seconds / 3, 5.0)
        while not self._ended.is_set():
            held = self._held
            if held is not None and time.monotonic() > held[1]:
                _log.error("deadline_passed", documents=[str(c.document) for c in held[0]])
                os._exit(70)  # EX_SOFTWARE; nothing in Python could interrupt the engine
            try:
                self._beat(held[0] if held is not None else ())
            except SQLAlchemyError as error:
                _log.warning("heartbeat_failed", error=describe(error))
            self._wake.wait(timeout=pause)
            self._wake.clear()

    def _beat(self, claims: Sequence[Claim]) -> None:
        with self._database.transaction() as session:
            session.execute(self._row())
            if claims:
                heartbeat(session, claims, self._settings.lease_seconds)
            if kept := self._kept:
                kept(session)

    def _row(self) -> Insert:
        code = next(iter(self._attentions.values()), None)
        fixed = {
            "id": self.worker,
            "queue": self._queue,
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
        changing = {
            "state": self._state,
            "engine": self.engine,
            "characters_per_second": self.characters_per_second,
            "attention": code,
            "seen_at": func.now(),
        }
        since = case(
            (WorkerPresence.attention == code, WorkerPresence.attention_since), else_=func.now()
        )
        return (
            insert(WorkerPresence)
            .values(**fixed, **changing, attention_since=func.now() if code else None)
            .on_conflict_do_update(
                index_elements=["id"],
                set_={**changing, "attention_since": since if code else None},
            )
        )

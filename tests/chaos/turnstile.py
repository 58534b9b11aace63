"""Threads of which one at a time moves, by one statement: what the order of a schedule means.

Each statement and each COMMIT of a player's engine is a turnstile: the player waits before it until
it is moved, or crashes there. A statement that waits for another player's lock leaves the turn to
the others; that it does is asked of Postgres itself.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

_PATIENCE_SECONDS = 0.002
"""A statement that takes longer may be waiting for a lock."""
_BLOCKED = "SELECT pg_blocking_pids(%s) <> '{}'"
_here = threading.local()


class Crashed(Exception):
    """The process ends here: what it has not committed is gone, and what it knew."""


@dataclass(eq=False)
class Player:
    """One process of the schedule."""

    name: str
    at: str = "start"
    """What it does next."""
    ended: bool = False
    blocked: bool = False
    doomed: bool = False
    backend: int | None = None
    """The server process that serves it."""
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _stands: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self, program: Callable[[], None]) -> None:
        """Up to its first turnstile."""

        def work() -> None:
            _here.player = self
            with suppress(Crashed):
                program()
            self.ended = True
            self._stands.release()

        threading.Thread(target=work, daemon=True, name=self.name).start()

    def stand(self, at: str) -> None:
        """Wait to be moved. Raises Crashed."""
        self.at = at
        self._stands.release()
        self._go.acquire()
        if self.doomed:
            self.doomed = False
            raise Crashed

    def go(self) -> None:
        self._go.release()

    def stands(self, seconds: float) -> bool:
        """Whether it has come to a turnstile, or to its end, within so many seconds."""
        return self._stands.acquire(timeout=seconds)


class Turnstile:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.players: list[Player] = []
        self.trace: list[str] = []
        """What was done, in order."""

    def enter(self, name: str, program: Callable[[Player], None]) -> None:
        player = Player(name)
        self.players.append(player)
        player.start(lambda: program(player))
        self._settle(player)

    def move(self, player: Player, *, crash: bool = False) -> bool:
        """One statement further, or to its death; False for one that cannot move."""
        if player.ended or player.blocked:
            return False
        self.trace.append(f"{player.name}: {'CRASHES before ' if crash else ''}{player.at}")
        player.doomed = crash
        player.go()
        self._settle(player)
        self._settle_blocked()
        return True

    def run_out(self) -> None:
        """Everybody to the end, in turn."""
        while any(not player.ended for player in self.players):
            moved = [self.move(player) for player in self.players]
            # When all of them wait, Postgres ends one: a deadlock.
            if not any(moved):
                self._settle_blocked()

    def _settle_blocked(self) -> None:
        for player in self.players:
            if player.blocked:
                self._settle(player)

    def _settle(self, player: Player) -> None:
        """Wait until it stands at a turnstile, has ended, or waits for a lock."""
        while not player.stands(_PATIENCE_SECONDS if not player.blocked else 0.0):
            row = self._connection.execute(_BLOCKED, [player.backend]).fetchone()
            waits = row is not None and row[0]
            if waits and not player.blocked:
                self.trace.append(f"{player.name}: waits for a lock")
            player.blocked = bool(waits)
            if waits:
                return
        player.blocked = False


def stand(at: str) -> None:
    """A turnstile that is no statement."""
    player: Player | None = getattr(_here, "player", None)
    if player is not None:
        player.stand(at)


def put_before_statements(engine: Engine) -> None:
    """Before COMMIT as well. Threads that are no player's pass."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        _stand(connection, statement)

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        _stand(connection, "COMMIT")


def _stand(connection: Connection, statement: str) -> None:
    player: Player | None = getattr(_here, "player", None)
    if player is not None:
        raw = connection.connection.dbapi_connection
        player.backend = raw and raw.info.backend_pid
        player.stand(statement)

"""What is asked of the API about what serves, of models and of prompts alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from services.client.wire import Wire, known
from shared.schemas.base import Page
from shared.schemas.registry import (
    ChangeRequest,
    HistoryAnswer,
    ProductionAnswer,
    PromoteRequest,
    PromotionAnswer,
    WithdrawRequest,
)

_PAGE = 100


@dataclass(frozen=True)
class Registry:
    """It wants `models:read`, and `models:promote` for what changes anything."""

    wire: Wire
    kind: Literal["models", "prompts"]

    def promote(self, note_type: str, request: PromoteRequest) -> ProductionAnswer:
        """Raises Conflict; one of `gate_not_passed` has the table as `problem.gate`."""
        return self.wire.post(f"{self._path(note_type)}/promote", ProductionAnswer, request)

    def roll_back(self, note_type: str, reason: str | None = None) -> ProductionAnswer:
        """What served before serves again."""
        return self._change(note_type, "rollback", reason)

    def demote(self, note_type: str, reason: str | None = None) -> ProductionAnswer:
        """What serves without a version does."""
        return self._change(note_type, "demote", reason)

    def withdraw(
        self, note_type: str, number: int, reason: str, *, redo: bool = False
    ) -> ProductionAnswer:
        """Take a version out for good; `redo`: summarize again what it had summarized."""
        path = f"{self._path(note_type)}/versions/{number}/withdraw"
        return self.wire.post(path, ProductionAnswer, WithdrawRequest(reason=reason, redo=redo))

    def at(self, note_type: str, moment: datetime) -> HistoryAnswer:
        """What served then, with the newest lines up to it."""
        return self._history(note_type, at=moment)

    def history(self, note_type: str) -> Iterator[PromotionAnswer]:
        """What served when, newest first."""
        after: int | None = None
        while True:
            page = self._history(note_type, after=after)
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = page.data[-1].seq

    def _change(self, note_type: str, verb: str, reason: str | None) -> ProductionAnswer:
        request = ChangeRequest() if reason is None else ChangeRequest(reason=reason)
        return self.wire.post(f"{self._path(note_type)}/{verb}", ProductionAnswer, request)

    def _history(
        self, note_type: str, *, at: datetime | None = None, after: int | None = None
    ) -> HistoryAnswer:
        moment = None if at is None else at.isoformat()
        asked = known({"limit": _PAGE, "at": moment, "after": after})
        return self.wire.get(f"{self._path(note_type)}/history", HistoryAnswer, asked)

    def _path(self, note_type: str) -> str:
        return f"/v1/{self.kind}/{quote(note_type, safe='')}"


def pages(
    wire: Wire, path: str, page_type: type[Page[Any]], cursor: Callable[[Any], str | int]
) -> Iterator[Any]:
    """All items of a list; `cursor`: what an item is called by `after`."""
    after: str | int | None = None
    while True:
        page = wire.get(path, page_type, known({"limit": _PAGE, "after": after}))
        yield from page.data
        if not page.has_more or not page.data:
            return
        after = cursor(page.data[-1])

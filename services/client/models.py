"""What is asked of the API about model versions: what serves, and how that changes."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from services.client.archive import unpack
from services.client.errors import BrokenOff
from services.client.wire import Call, Wire, known
from shared.schemas.base import Page
from shared.schemas.registry import (
    ArchiveManifest,
    ChangeRequest,
    HistoryAnswer,
    ModelAnswer,
    ModelVersionAnswer,
    ProductionAnswer,
    PromoteRequest,
    PromotionAnswer,
    WithdrawRequest,
)

_PAGE = 100


class Models:
    """The part of `Epicrisis` that wants the scopes `models:read` and `models:promote`."""

    _wire: Wire

    def models(self) -> Iterator[ModelAnswer]:
        """Every note type with what serves it."""
        return _pages(self._wire, "/v1/models", Page[ModelAnswer], lambda one: one.note_type)

    def model_versions(self, note_type: str) -> Iterator[ModelVersionAnswer]:
        """Newest first, without their cards."""
        path = f"{_path(note_type)}/versions"
        return _pages(self._wire, path, Page[ModelVersionAnswer], lambda one: one.number)

    def model_version(self, note_type: str, number: int) -> ModelVersionAnswer:
        """With its model card."""
        return self._wire.get(_version(note_type, number), ModelVersionAnswer)

    def promote_model(self, note_type: str, request: PromoteRequest) -> ProductionAnswer:
        """Raises Conflict; one of `gate_not_passed` has the table as `problem.gate`."""
        return self._wire.post(f"{_path(note_type)}/promote", ProductionAnswer, request)

    def roll_back_model(self, note_type: str, reason: str | None = None) -> ProductionAnswer:
        """What served before serves again."""
        return self._change(note_type, "rollback", reason)

    def demote_model(self, note_type: str, reason: str | None = None) -> ProductionAnswer:
        """The prompt serves."""
        return self._change(note_type, "demote", reason)

    def withdraw_model(
        self, note_type: str, number: int, reason: str, *, redo: bool = False
    ) -> ProductionAnswer:
        """Take a version out for good; `redo`: summarize again what it had summarized."""
        request = WithdrawRequest(reason=reason, redo=redo)
        return self._wire.post(f"{_version(note_type, number)}/withdraw", ProductionAnswer, request)

    def production_at(self, note_type: str, at: datetime) -> HistoryAnswer:
        """What served then, with the newest lines up to it."""
        return self._history(note_type, at=at)

    def model_history(self, note_type: str) -> Iterator[PromotionAnswer]:
        """What served when, newest first."""
        after: int | None = None
        while True:
            page = self._history(note_type, after=after)
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = page.data[-1].seq

    def export_model(self, note_type: str, number: int, folder: Path) -> ArchiveManifest:
        """Its files in Hugging Face layout; `folder` is empty or not there yet.

        Every file is checked. Raises ArchiveDamaged, BrokenOff.
        """
        call = Call("GET", f"{_version(note_type, number)}/archive", repeatable=True)
        response = self._wire.send(call, stream=True)
        try:
            return unpack(_chunks(response), folder)
        finally:
            response.close()

    def _change(self, note_type: str, verb: str, reason: str | None) -> ProductionAnswer:
        request = ChangeRequest() if reason is None else ChangeRequest(reason=reason)
        return self._wire.post(f"{_path(note_type)}/{verb}", ProductionAnswer, request)

    def _history(
        self, note_type: str, *, at: datetime | None = None, after: int | None = None
    ) -> HistoryAnswer:
        moment = None if at is None else at.isoformat()
        asked = known({"limit": _PAGE, "at": moment, "after": after})
        return self._wire.get(f"{_path(note_type)}/history", HistoryAnswer, asked)


def _pages(
    wire: Wire, path: str, page_type: type[Page[Any]], cursor: Callable[[Any], str | int]
) -> Iterator[Any]:
    after: str | int | None = None
    while True:
        page = wire.get(path, page_type, known({"limit": _PAGE, "after": after}))
        yield from page.data
        if not page.has_more or not page.data:
            return
        after = cursor(page.data[-1])


def _chunks(response: httpx2.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx2.TransportError as error:
        raise BrokenOff("The archive broke off in its middle.", response.request) from error


def _path(note_type: str) -> str:
    return f"/v1/models/{quote(note_type, safe='')}"


def _version(note_type: str, number: int) -> str:
    return f"{_path(note_type)}/versions/{number}"

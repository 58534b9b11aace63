"""What is asked of the API about prompts: versions, trying one, splits."""

from collections.abc import Iterator
from urllib.parse import quote

from services.client.registry import Registry, pages
from services.client.wire import Call, Wire, read
from shared.schemas.base import Page
from shared.schemas.prompts import (
    PromptAnswer,
    PromptDiff,
    PromptRequest,
    PromptVersionAnswer,
    SplitAnswer,
    SplitRequest,
    TryAnswer,
    TryRequest,
)
from shared.schemas.registry import ChangeRequest


class Prompts:
    """The part of `Epicrisis` that wants the scopes `models:read` and `prompts:write`."""

    _wire: Wire
    _timeout: float

    @property
    def prompt_registry(self) -> Registry:
        """What serves, and how that changes."""
        return Registry(self._wire, "prompts")

    def prompts(self) -> Iterator[PromptAnswer]:
        """Every note type with the prompt that serves it."""
        return pages(self._wire, "/v1/prompts", Page[PromptAnswer], lambda one: one.note_type)

    def prompt_versions(self, note_type: str) -> Iterator[PromptVersionAnswer]:
        """Newest first."""
        path = f"{_path(note_type)}/versions"
        return pages(self._wire, path, Page[PromptVersionAnswer], lambda one: one.number)

    def prompt_version(self, note_type: str, number: int) -> PromptVersionAnswer:
        return self._wire.get(f"{_path(note_type)}/versions/{number}", PromptVersionAnswer)

    def add_prompt(self, note_type: str, request: PromptRequest) -> PromptVersionAnswer:
        """The next version, or the newest if it says the same."""
        return self._wire.post(f"{_path(note_type)}/versions", PromptVersionAnswer, request)

    def diff_prompts(self, note_type: str, before: int, after: int) -> PromptDiff:
        params = {"before": before, "after": after}
        return self._wire.get(f"{_path(note_type)}/diff", PromptDiff, params)

    def try_prompt(self, note_type: str, request: TryRequest, *, wait: int = 30) -> TryAnswer:
        """Summarize a text with a version, waiting up to `wait` seconds for it."""
        call = Call(
            "POST",
            f"{_path(note_type)}/try",
            repeatable=False,
            headers={"Prefer": f"wait={wait}"},
            json=request.model_dump(mode="json", exclude_defaults=True),
            timeout=self._timeout + wait,
        )
        return read(self._wire.send(call), TryAnswer)

    def prompt_split(self, note_type: str) -> SplitAnswer:
        """The one that runs, else the last one."""
        return self._wire.get(f"{_path(note_type)}/split", SplitAnswer)

    def split_prompts(self, note_type: str, request: SplitRequest) -> SplitAnswer:
        return self._wire.post(f"{_path(note_type)}/split", SplitAnswer, request)

    def stop_split(self, note_type: str, reason: str | None = None) -> SplitAnswer:
        request = ChangeRequest() if reason is None else ChangeRequest(reason=reason)
        return self._wire.post(f"{_path(note_type)}/split/stop", SplitAnswer, request)


def _path(note_type: str) -> str:
    return f"/v1/prompts/{quote(note_type, safe='')}"

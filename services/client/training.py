"""What is asked of the API about training: bases, runs, and what starts them."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from services.client.errors import BrokenOff
from services.client.retry import parse_retry_after
from services.client.wire import AnswerType, Call, Wire, known, parse, read
from shared.schemas.base import Page
from shared.schemas.training import (
    BaseAnswer,
    BaseRequest,
    TrainingEventAnswer,
    TrainingPointAnswer,
    TrainingRequest,
    TrainingRunAnswer,
    TriggerAnswer,
    TriggerRequest,
)

_PAGE = 100
_POINTS = 1_000
_SHORTEST_SECONDS = 0.2
_LONGEST_SECONDS = 30.0
_RUNS = "/v1/training-runs"
_TRIGGERS = "/v1/training-triggers"


class Training:
    """The part of `Epicrisis` that wants the scopes `training:read` and `training:write`."""

    _wire: Wire

    # Bases

    def import_base(self, request: BaseRequest) -> BaseAnswer:
        """Ask for what training begins from; asking again gives the same base."""
        body = request.model_dump(mode="json", exclude_defaults=True)
        return read(
            self._wire.send(Call("POST", "/v1/bases", repeatable=True, json=body)), BaseAnswer
        )

    def bases(self) -> Iterator[BaseAnswer]:
        """Newest first."""
        return self._listed("/v1/bases", Page[BaseAnswer])

    def base(self, name: str) -> BaseAnswer:
        return self._wire.get(_base(name), BaseAnswer)

    def watch_base(
        self, name: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[BaseAnswer]:
        """The base after each look, until it is ready or has failed."""
        return self._watched(_base(name), BaseAnswer, sleep)

    def delete_base(self, name: str) -> None:
        self._wire.send(Call("DELETE", _base(name), repeatable=False))

    # Runs

    def train(self, request: TrainingRequest) -> TrainingRunAnswer:
        """Start a run. Sent once: repeated it would be another."""
        return self._wire.post(_RUNS, TrainingRunAnswer, request)

    def training_runs(
        self, *, note_type: str | None = None, trigger: str | None = None
    ) -> Iterator[TrainingRunAnswer]:
        """Newest first."""
        return self._listed(
            _RUNS, Page[TrainingRunAnswer], {"note_type": note_type, "trigger": trigger}
        )

    def training_run(self, run_id: str) -> TrainingRunAnswer:
        return self._wire.get(f"{_RUNS}/{run_id}", TrainingRunAnswer)

    def watch_run(
        self, run_id: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[TrainingRunAnswer]:
        """The run after each look, until it is over or paused."""
        return self._watched(f"{_RUNS}/{run_id}", TrainingRunAnswer, sleep)

    def run_events(self, run_id: str, *, after: int = 0) -> Iterator[TrainingEventAnswer]:
        """What has happened past `after` by now; a broken connection is resumed."""
        while True:
            came = False
            try:
                for one in self._events(run_id, after):
                    came, after = True, one.seq
                    yield one
            except BrokenOff:
                if not came:
                    raise
            else:
                return

    def run_points(self, run_id: str, *, after: int = -1) -> Iterator[TrainingPointAnswer]:
        """What has been measured past step `after` by now."""
        while True:
            params = {"after": after, "limit": _POINTS}
            page = self._wire.get(f"{_RUNS}/{run_id}/metrics", Page[TrainingPointAnswer], params)
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = page.data[-1].step

    def run_page(self, run_id: str) -> bytes:
        """Its curves and what they say, as HTML."""
        call = Call("GET", f"{_RUNS}/{run_id}/report", repeatable=True)
        return bytes(self._wire.send(call).content)

    def cancel_run(self, run_id: str) -> TrainingRunAnswer:
        """A running one stops within ten seconds."""
        return self._wire.post(f"{_RUNS}/{run_id}/cancel", TrainingRunAnswer)

    def pause_run(self, run_id: str) -> TrainingRunAnswer:
        return self._wire.post(f"{_RUNS}/{run_id}/pause", TrainingRunAnswer)

    def resume_run(self, run_id: str) -> TrainingRunAnswer:
        return self._wire.post(f"{_RUNS}/{run_id}/resume", TrainingRunAnswer)

    # Triggers

    def add_trigger(self, request: TriggerRequest) -> TriggerAnswer:
        return self._wire.post(_TRIGGERS, TriggerAnswer, request)

    def triggers(self) -> Iterator[TriggerAnswer]:
        """Newest first."""
        return self._listed(_TRIGGERS, Page[TriggerAnswer])

    def trigger(self, trigger_id: str) -> TriggerAnswer:
        return self._wire.get(f"{_TRIGGERS}/{trigger_id}", TriggerAnswer)

    def pause_trigger(self, trigger_id: str) -> TriggerAnswer:
        return self._wire.post(f"{_TRIGGERS}/{trigger_id}/pause", TriggerAnswer)

    def resume_trigger(self, trigger_id: str) -> TriggerAnswer:
        return self._wire.post(f"{_TRIGGERS}/{trigger_id}/resume", TriggerAnswer)

    def delete_trigger(self, trigger_id: str) -> None:
        self._wire.send(Call("DELETE", f"{_TRIGGERS}/{trigger_id}", repeatable=False))

    def _events(self, run_id: str, after: int) -> Iterator[TrainingEventAnswer]:
        path = f"{_RUNS}/{run_id}/events"
        call = Call("GET", path, repeatable=True, params={"after": after})
        with self._wire.lines(call) as (response, lines):
            for line in lines:
                yield parse(line, TrainingEventAnswer, response)

    def _watched(
        self, path: str, answer: type[AnswerType], sleep: Callable[[float], None]
    ) -> Iterator[AnswerType]:
        """Until the server says no more when to look again."""
        while True:
            response = self._wire.send(Call("GET", path, repeatable=True))
            yield read(response, answer)
            wish = parse_retry_after(response.headers.get("Retry-After"))
            if wish is None:
                return
            sleep(min(max(_SHORTEST_SECONDS, wish), _LONGEST_SECONDS))

    def _listed(
        self,
        path: str,
        page_type: type[Page[Any]],
        filters: dict[str, str | int | None] | None = None,
    ) -> Iterator[Any]:
        params: dict[str, str | int | None] = {**(filters or {}), "limit": _PAGE}
        while True:
            page = self._wire.get(path, page_type, known(params))
            yield from page.data
            if not page.has_more or not page.data:
                return
            params["after"] = page.data[-1].id


def _base(name: str) -> str:
    return f"/v1/bases/{quote(name, safe='/:')}"

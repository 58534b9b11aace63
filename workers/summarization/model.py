"""A model of this worker: loaded once, tried again after a pause while it is sick.

absent        no model is named: documents step down at once
ready         use it
unusable      a permanent cause (no such model, damaged, unsupported): they step down at once
waiting       a passing cause (load error, memory, remote 5xx): they wait
unavailable   it has not passed for EPICRISIS_FALLBACK_AFTER_SECONDS: they step down
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Literal

from shared.config import EngineSettings
from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import get_logger
from workers.inference.engine import Engine
from workers.inference.load import load_prompt_engine
from workers.presence import Presence

State = Literal["absent", "ready", "unusable", "waiting", "unavailable"]
ATTENTION = "model_unavailable"
_PAUSE_SECONDS = 5.0
_log = get_logger()


class Model:
    """`load` gives the engine, or None where no model is named."""

    def __init__(
        self,
        name: str,
        load: Callable[[], Engine | None],
        presence: Presence,
        fallback_after_seconds: float,
    ) -> None:
        self.name = name
        self.engine: Engine | None = None
        self._load = load
        self._presence = presence
        self._fallback_after = fallback_after_seconds
        self._absent = False
        self._unusable = False
        self._try_at = 0.0

    def prepare(self) -> None:
        """Load the model if it is not loaded and may be tried."""
        if self._absent or self._unusable or self.engine is not None:
            return
        if time.monotonic() < self._try_at:
            return
        try:
            self.engine = self._load()
        except ModelUnavailable as error:
            self.failed(error)
            return
        except ModelUnusable as error:
            self._unusable = True
            self._presence.attend(error.error_code, of=self.name)
            _log.error(
                "model_unusable", model=self.name, code=error.error_code, detail=error.detail
            )
            return
        self._absent = self.engine is None
        if self.engine is not None:
            self._presence.engine = self.engine.name

    def state(self) -> State:
        if self._absent:
            return "absent"
        if self._unusable:
            return "unusable"
        if time.monotonic() >= self._try_at:
            return "ready" if self.engine is not None else "waiting"
        if self._presence.attention_seconds(ATTENTION) >= self._fallback_after:
            return "unavailable"
        return "waiting"

    def failed(self, error: ModelUnavailable) -> None:
        """It did not answer, or did not load: leave it alone for a while."""
        _log.warning(
            "model_unavailable", model=self.name, code=error.error_code, detail=error.detail
        )
        self._try_at = time.monotonic() + _PAUSE_SECONDS
        self._presence.attend(ATTENTION, of=self.name)

    def worked(self) -> None:
        self._presence.attend(None, of=self.name)


def prompt_model(
    settings: EngineSettings,
    presence: Presence,
    fallback_after_seconds: float,
    load: Callable[[EngineSettings], Engine | None] = load_prompt_engine,
) -> Model:
    """The model that EPICRISIS_PROMPT_MODEL names."""
    return Model("prompt", partial(load, settings), presence, fallback_after_seconds)

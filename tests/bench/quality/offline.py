"""The real pipeline and the packaged model in this process, without a ledger."""

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from shared.config import EngineSettings, LedgerSettings
from tests.bench.quality.errors import NoModel
from tests.fakes import versions
from workers.inference.engine import Chat, Engine, Output, Request
from workers.inference.load import PACKAGED, load_prompt_engine
from workers.presence import Presence
from workers.summarization.model import prompt_model
from workers.summarization.pipeline import Pipeline


class Nobody:
    """A presence that nobody looks at."""

    engine: str | None = None

    def attend(self, code: str | None, *, of: str = "") -> None:
        """Nobody is told."""

    def attention_seconds(self, code: str) -> float:
        del code
        return 0.0


class LengthsOnly:
    """An engine that writes nothing of its own and remembers how long its prompts were."""

    remote = False

    def __init__(self, engine: Engine) -> None:
        self.name, self.window, self.warnings = engine.name, engine.window, engine.warnings
        self._engine = engine
        self.lengths: list[int] = []

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return self._engine.prompt_tokens(chat)

    def input_room(self, max_output_tokens: int) -> int:
        return self._engine.input_room(max_output_tokens)

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        self.lengths += [self._engine.prompt_tokens(request.chat) for request in requests]
        return [Output("The patient was seen.", 1, 1, finished=True) for _ in requests]


@lru_cache(maxsize=1)
def packaged_engine() -> Engine:
    """SmolLM2-135M as `epicrisis up` runs it."""
    engine = load_prompt_engine(EngineSettings(prompt_model=PACKAGED))
    if engine is None:
        raise NoModel
    return engine


def pipeline(engine: Engine | None) -> Pipeline:
    """Without an engine it is the extractive route."""
    settings = EngineSettings(prompt_model=PACKAGED if engine else None)
    nobody = cast("Presence", Nobody())
    model = prompt_model(settings, nobody, 900.0, lambda _: engine)
    model.prepare()
    return Pipeline(model, versions(nobody), LedgerSettings())

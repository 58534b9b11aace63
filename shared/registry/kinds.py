"""What the registry keeps versions of: models and prompts, each with tables of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, and_

from shared.tables import (
    ModelVersion,
    Production,
    Promotion,
    PromptProduction,
    PromptPromotion,
    PromptVersion,
)
from shared.tables.registry import Alias, HistoryLine, Version

V = TypeVar("V", bound=Version)


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    versions: type[V]
    lines: type[HistoryLine]
    aliases: type[Alias]
    may_serve: Callable[[], ColumnElement[bool]]
    """Whether a version of it may be in production."""
    what: str
    """As sentences name one."""
    without: str
    """As sentences name what serves when no version is in production."""

    @property
    def command(self) -> str:
        """Of `epicrisis`."""
        return self.versions.PREFIX


def _model_may_serve() -> ColumnElement[bool]:
    """Neither withdrawn nor unusable, and its fast form says what its weights say."""
    return and_(ModelVersion.status == "ready", ModelVersion.parity["passed"].as_boolean())


def _prompt_may_serve() -> ColumnElement[bool]:
    return PromptVersion.status == "ready"


MODELS = Kind(ModelVersion, Promotion, Production, _model_may_serve, "model version", "the prompt")
PROMPTS = Kind(
    PromptVersion,
    PromptPromotion,
    PromptProduction,
    _prompt_may_serve,
    "prompt version",
    "the prompt that the note type came with",
)

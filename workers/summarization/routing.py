"""Which way a document is summarized, and why not a better one."""

from dataclasses import dataclass
from typing import Literal

from shared.schemas.summaries import Reason, Route
from workers.summarization.model import State

StepDown = Literal["any", "prompt", "none"]
_EXTRACTIVE: dict[State, Reason] = {
    "absent": "no_prompt_model",
    "unusable": "prompt_model_unusable",
    "unavailable": "prompt_model_unavailable",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    route: Route
    reason: Reason


@dataclass(frozen=True, slots=True)
class Refused:
    """The request forbids the only way that there is."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The way there is may come back."""


def choose_route(model: State, fallback: str) -> Chosen | Refused | Wait:
    """Fine-tuned → prompt → extractive, no further down than `fallback` allows."""
    if fallback == "none":
        return Refused(
            "no_fine_tuned_model",
            "No fine-tuned model is in production for this note type, and fallback=none forbids "
            "another route. Submit with fallback=any, or promote a model.",
        )
    if model == "ready":
        return Chosen("prompt", "no_fine_tuned_model")
    if model == "waiting":
        return Wait()
    if fallback == "any":
        return Chosen("extractive", _EXTRACTIVE[model])
    if model == "unavailable":
        return Wait()
    return Refused(
        _EXTRACTIVE[model],
        "There is no usable prompt model, and fallback=prompt forbids the extractive route. Submit "
        "with fallback=any, or set EPICRISIS_PROMPT_MODEL.",
    )


def may_step_down(fallback: str) -> bool:
    """Whether a summary that fails its checks may be replaced by an extract."""
    return fallback == "any"

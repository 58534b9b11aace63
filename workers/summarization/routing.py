"""Which way a document is summarized, and why not a better one."""

from dataclasses import dataclass

from shared.schemas.summaries import Reason, Route
from workers.summarization.model import State

_STEP_DOWN: dict[State, Reason] = {
    "absent": "no_prompt_model",
    "unusable": "prompt_model_unusable",
    "unavailable": "prompt_model_unavailable",
}
_NO_MODEL = ("There is no usable prompt model", "set EPICRISIS_PROMPT_MODEL")
_WHY: dict[Reason, tuple[str, str]] = {
    "no_prompt_model": _NO_MODEL,
    "prompt_model_unusable": _NO_MODEL,
    "language_not_supported": (
        "The note type does not list the document's language, so no model is given it",
        "add the language with `epicrisis note-types set`",
    ),
    "remote_not_permitted": (
        "The prompt model is on a server that this tenant has not opted in to",
        "let an administrator permit remote prompts",
    ),
}
"""Why no model serves, and what would help."""


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


def choose_route(
    model: State, fallback: str, barrier: Reason | None = None
) -> Chosen | Refused | Wait:
    """Fine-tuned → prompt → extractive, no further down than `fallback` allows.

    `barrier`: why no model may be given this document, if so; it does not wait for one either.
    """
    if barrier is not None:
        return _extractive(barrier, fallback)
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
    if model == "unavailable" and fallback != "any":
        return Wait()
    return _extractive(_STEP_DOWN[model], fallback)


def _extractive(reason: Reason, fallback: str) -> Chosen | Refused:
    if may_step_down(fallback):
        return Chosen("extractive", reason)
    cause, remedy = _WHY[reason]
    return Refused(
        reason,
        f"{cause}, and fallback={fallback} forbids the extractive route. Submit with fallback=any, "
        f"or {remedy}.",
    )


def may_step_down(fallback: str) -> bool:
    """Whether a summary that fails its checks may be replaced by an extract."""
    return fallback == "any"

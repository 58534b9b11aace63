"""The ladder: which way a document is summarized, and why not a better one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.schemas.explanations import LadderStep
from shared.schemas.summaries import Reason, Route
from workers.summarization.model import State

LADDER: tuple[Route, ...] = ("fine_tuned", "prompt", "extractive")
"""From the best route down; the last needs no model."""
_LOWEST: dict[str, Route] = {"none": "fine_tuned", "prompt": "prompt", "any": "extractive"}
"""How far down `fallback` lets a document go."""
_CLOSED: dict[Route, dict[State, Reason]] = {
    "fine_tuned": {
        "absent": "no_fine_tuned_model",
        "unusable": "model_unusable",
        "unavailable": "model_unavailable",
    },
    "prompt": {
        "absent": "no_prompt_model",
        "unusable": "prompt_model_unusable",
        "unavailable": "prompt_model_unavailable",
    },
}
_NO_MODEL = ("There is no usable prompt model", "set EPICRISIS_PROMPT_MODEL")
_SICK_VERSION = (
    "The model version cannot be loaded",
    "promote another one or roll back",
)
_WHY: dict[Reason, tuple[str, str]] = {
    "no_fine_tuned_model": (
        "No fine-tuned model is in production for this note type",
        "promote a model",
    ),
    "no_model_version": (
        "The model version that is asked for is not there, or may not serve any more",
        "ask for one that may",
    ),
    "model_unusable": _SICK_VERSION,
    "model_unavailable": _SICK_VERSION,
    "no_prompt_model": _NO_MODEL,
    "prompt_model_unusable": _NO_MODEL,
    "prompt_model_unavailable": _NO_MODEL,
    "no_prompt_version": (
        "The prompt version that is asked for is not there",
        "ask for one that is",
    ),
    "language_not_supported": (
        "The note type does not list the document's language, so no model is given it",
        "add the language with `epicrisis note-types set`",
    ),
    "remote_not_permitted": (
        "The prompt model is on a server that this tenant has not opted in to",
        "let an administrator permit remote prompts",
    ),
    "empty_output": ("The model wrote nothing", "name a better model"),
    "repeated_output": ("The model wrote one thing over and over", "name a better model"),
    "prompt_echo": ("The model gave back its instruction", "name a better model"),
    "failed_checks": (
        "What the model wrote does not pass the checks that the note type's policy asks for",
        "change the policy with `epicrisis note-types set`",
    ),
}
"""Why a route does not serve, and what would help."""
_NONE: Mapping[Route, Reason] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """`above`: what became of the routes above it, in the order of the ladder."""

    route: Route
    reason: Reason
    above: tuple[LadderStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The request forbids the only way that there is."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The way there is may come back."""


def choose_route(
    models: Mapping[Route, State],
    fallback: str,
    *,
    asked: Route | None = None,
    barriers: Mapping[Route, Reason] = _NONE,
    tried: Sequence[LadderStep] = (),
) -> Chosen | Refused | Wait:
    """The highest open route from `asked` down, no further than `fallback` allows.

    Args:
        models: how the model of each route but the extractive one stands.
        fallback: `any`, `prompt` or `none`; what is asked for itself it never forbids.
        asked: where to begin; None: at the top.
        barriers: why a route may not be given this document; it does not wait for one of these.
        tried: what came of the routes that it was on.
    """
    first = LADDER.index(asked or LADDER[0])
    last = max(first, LADDER.index(_LOWEST[fallback]))
    above = [_passed_over(route, "requested") for route in LADDER[:first]]
    reason: Reason = "requested" if asked else "production_model"
    for route in LADDER[first : last + 1]:
        state = models.get(route, "ready")
        obstacle = barriers.get(route) or _obstacle(route, state, is_last=route == LADDER[last])
        above += [step for step in tried if step.route == route]
        if obstacle and not _is_closed(route, tried):
            above.append(_passed_over(route, obstacle))
        elif not _is_closed(route, tried):
            return Chosen(route, reason, tuple(above)) if state == "ready" else Wait()
        reason = above[-1].reason
    return _refused(reason, fallback)


def _is_closed(route: Route, tried: Sequence[LadderStep]) -> bool:
    """Whether the document has stepped down from it, and does not only try it again."""
    return any(step.route == route and step.outcome != "retried" for step in tried)


def _obstacle(route: Route, state: State, *, is_last: bool) -> Reason | None:
    """Why the route is passed over; None where it serves, or where its model is waited for."""
    if state == "unavailable" and is_last:
        return None
    return _CLOSED.get(route, {}).get(state)


def _passed_over(route: Route, reason: Reason) -> LadderStep:
    return LadderStep(route=route, outcome="passed_over", reason=reason)


def _refused(reason: Reason, fallback: str) -> Refused:
    cause, remedy = _WHY[reason]
    return Refused(
        reason,
        f"{cause}, and fallback={fallback} forbids the routes below. Submit with fallback=any, or "
        f"{remedy}.",
    )

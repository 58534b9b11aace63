"""The ladder as a whole: fine-tuned, prompt, extractive; no further down than the request allows.

F, P and E are the routes, + is a model that is ready, - one that is not there, ~ one that is
loading, ? one that has not come back for long.
"""

import pytest

from shared.schemas.explanations import LadderStep
from shared.schemas.summaries import Reason, Route
from workers.summarization.model import State
from workers.summarization.routing import Chosen, Refused, Wait, choose_route

STATES: dict[str, State] = {
    "+": "ready",
    "-": "absent",
    "!": "unusable",
    "~": "waiting",
    "?": "unavailable",
}
ROUTES: dict[str, Route] = {"F": "fine_tuned", "P": "prompt", "E": "extractive"}
MATRIX = """
models  asked  any                             prompt                        none
F+ P+   -      F production_model              F production_model            F production_model
F+ P-   -      F production_model              F production_model            F production_model
F- P+   -      P no_fine_tuned_model           P no_fine_tuned_model         x no_fine_tuned_model
F- P-   -      E no_prompt_model               x no_prompt_model             x no_fine_tuned_model
F- P!   -      E prompt_model_unusable         x prompt_model_unusable       x no_fine_tuned_model
F- P~   -      wait                            wait                          x no_fine_tuned_model
F- P?   -      E prompt_model_unavailable      wait                          x no_fine_tuned_model
F~ P+   -      wait                            wait                          wait
F! P+   -      P model_unusable                P model_unusable              x model_unusable
F? P+   -      P model_unavailable             P model_unavailable           wait
F+ P+   F      F requested                     F requested                   F requested
F- P+   F      P no_fine_tuned_model           P no_fine_tuned_model         x no_fine_tuned_model
F+ P+   P      P requested                     P requested                   P requested
F+ P-   P      E no_prompt_model               x no_prompt_model             x no_prompt_model
F+ P!   P      E prompt_model_unusable         x prompt_model_unusable       x prompt_model_unusable
F+ P~   P      wait                            wait                          wait
F+ P?   P      E prompt_model_unavailable      wait                          wait
F+ P+   E      E requested                     E requested                   E requested
F- P~   E      E requested                     E requested                   E requested
"""
CASES = [line.split(maxsplit=3) for line in MATRIX.strip().splitlines()[1:]]


def cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.split("  ") if cell.strip()]


@pytest.mark.parametrize(
    ("models", "asked", "fallback", "expected"),
    [
        ((fine_tuned, prompt), asked, fallback, cell)
        for fine_tuned, prompt, asked, rest in CASES
        for fallback, cell in zip(("any", "prompt", "none"), cells(rest), strict=True)
    ],
)
def test_the_ladder(models: tuple[str, str], asked: str, fallback: str, expected: str) -> None:
    states = {ROUTES[route]: STATES[mark] for route, mark in models}
    choice = choose_route(states, fallback, asked=ROUTES.get(asked))
    match choice:
        case Wait():
            said = "wait"
        case Refused(code, _):
            said = f"x {code}"
        case Chosen(route, reason, _):
            said = f"{route[0].upper()} {reason}"
    assert said == expected


LOCAL: dict[Route, State] = {"fine_tuned": "absent", "prompt": "ready"}


@pytest.mark.parametrize("model", ["ready", "waiting", "unavailable", "absent"])
@pytest.mark.parametrize("barrier", ["language_not_supported", "remote_not_permitted"])
def test_a_document_that_no_model_may_have_waits_for_none(model: State, barrier: Reason) -> None:
    states: dict[Route, State] = {"fine_tuned": "absent", "prompt": model}
    barriers: dict[Route, Reason] = {"prompt": barrier}
    choice = choose_route(states, "any", barriers=barriers)
    assert isinstance(choice, Chosen)
    assert (choice.route, choice.reason) == ("extractive", barrier)
    refused = choose_route(states, "prompt", barriers=barriers)
    assert isinstance(refused, Refused)
    assert refused.code == barrier


def step(route: Route, reason: Reason, text: str | None = None) -> LadderStep:
    outcome = "passed_over" if text is None else "stepped_down"
    return LadderStep.model_validate(
        {"route": route, "outcome": outcome, "reason": reason, "text": text}
    )


def test_what_was_tried_is_not_tried_again_and_every_step_has_its_reason() -> None:
    tried = [step("prompt", "failed_checks", "A draft.")]
    above = (step("fine_tuned", "no_fine_tuned_model"), *tried)
    assert choose_route(LOCAL, "any", tried=tried) == Chosen("extractive", "failed_checks", above)
    refused = choose_route(LOCAL, "prompt", tried=tried)
    assert isinstance(refused, Refused)
    assert refused.code == "failed_checks"


def test_a_route_above_what_is_asked_for_is_passed_over_on_request() -> None:
    above = (step("fine_tuned", "requested"),)
    assert choose_route(LOCAL, "none", asked="prompt") == Chosen("prompt", "requested", above)

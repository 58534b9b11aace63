"""Fine-tuned, else prompt, else extract; no further down than the request allows."""

import pytest

from shared.schemas.summaries import Reason
from workers.summarization.model import State
from workers.summarization.routing import Chosen, Refused, Wait, choose_route

PROMPT = Chosen("prompt", "no_fine_tuned_model")


@pytest.mark.parametrize(
    ("model", "fallback", "expected"),
    [
        ("ready", "any", PROMPT),
        ("ready", "prompt", PROMPT),
        ("absent", "any", Chosen("extractive", "no_prompt_model")),
        ("unusable", "any", Chosen("extractive", "prompt_model_unusable")),
        ("waiting", "any", Wait()),
        ("waiting", "prompt", Wait()),
        ("unavailable", "any", Chosen("extractive", "prompt_model_unavailable")),
        ("unavailable", "prompt", Wait()),
    ],
)
def test_the_ladder(model: State, fallback: str, expected: object) -> None:
    assert choose_route(model, fallback) == expected


@pytest.mark.parametrize(
    ("model", "fallback", "code"),
    [
        ("ready", "none", "no_fine_tuned_model"),
        ("absent", "prompt", "no_prompt_model"),
        ("unusable", "prompt", "prompt_model_unusable"),
    ],
)
def test_what_the_request_forbids(model: State, fallback: str, code: str) -> None:
    choice = choose_route(model, fallback)
    assert isinstance(choice, Refused)
    assert choice.code == code


@pytest.mark.parametrize("model", ["ready", "waiting", "unavailable", "absent"])
@pytest.mark.parametrize("barrier", ["language_not_supported", "remote_not_permitted"])
def test_a_document_that_no_model_may_have_waits_for_none(model: State, barrier: Reason) -> None:
    assert choose_route(model, "any", barrier) == Chosen("extractive", barrier)
    for fallback in ("prompt", "none"):
        choice = choose_route(model, fallback, barrier)
        assert isinstance(choice, Refused)
        assert choice.code == barrier

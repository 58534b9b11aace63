"""From claims to results, with a model that can be told to misbehave."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import uuid4

import pytest

from shared.config import EngineSettings, LedgerSettings
from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.errors import ModelUnavailable, ModelUnusable
from shared.text.sentences import sentence_spans
from tests.fakes import FAKE_DOWN, FAKE_EMPTY, FAKE_LOOP, FAKE_REFUSE, EchoEngine
from workers.inference.engine import Engine
from workers.summarization.draft import Source
from workers.summarization.model import ATTENTION, PromptModel
from workers.summarization.pipeline import Pipeline, Postponed, Result, Retried

NOTE = "Cough for 3 days. No fever. Prednisone 40 mg daily."


class Witness:
    """A presence that only remembers."""

    engine: str | None = None

    def __init__(self) -> None:
        self.attention: str | None = None
        self.sick_seconds = 0.0

    def attend(self, code: str | None) -> None:
        self.attention = code

    def attention_seconds(self, code: str) -> float:
        return self.sick_seconds if code == self.attention else 0.0


@pytest.fixture
def presence() -> Witness:
    return Witness()


def pipeline(
    presence: Witness, engine: Engine | Exception | None = None, fallback_after: float = 900.0
) -> Pipeline:
    def load(_: EngineSettings) -> Engine | None:
        if isinstance(engine, Exception):
            raise engine
        return engine

    named = None if engine is None else "somewhere"
    model = PromptModel(EngineSettings(prompt_model=named), presence, fallback_after, load)
    model.prepare()
    return Pipeline(model, LedgerSettings(max_attempts=3))


def source(text: str, fallback: str = "any", attempts: int = 0) -> Source:
    ids = (uuid4(), uuid4(), uuid4())
    return Source(Claim(*ids, "visit", fallback, len(text), 1, attempts, []), text)


def only(results: Sequence[Result]) -> Result:
    (result,) = results
    return result


def routes(results: Sequence[Result]) -> list[str]:
    return [
        f"{r.produced_by.route}: {r.produced_by.reason}"
        if isinstance(r, Summarized)
        else str(type(r))
        for r in results
    ]


def test_a_summary_says_where_it_comes_from(presence: Witness) -> None:
    result = only(pipeline(presence, EchoEngine("echo-1")).summarize([source(NOTE)]))
    assert isinstance(result, Summarized)
    made = result.produced_by
    assert (made.route, made.reason) == ("prompt", "no_fine_tuned_model")
    assert (made.model_version, made.prompt_version) == ("echo-1", "prompts:/visit/1")
    assert [s.text for s in result.body.sentences] == ["Cough for 3 days.", "No fever."]
    for sentence in result.body.sentences:
        assert sentence.supported
        (evidence,) = sentence.evidence
        assert NOTE[evidence.start : evidence.end] == sentence.text


def test_without_a_model_the_document_itself_is_extracted(presence: Witness) -> None:
    results = pipeline(presence).summarize([source(NOTE), source(NOTE, fallback="prompt")])
    assert routes(results)[0] == "extractive: no_prompt_model"
    assert isinstance(results[1], Failed)
    assert results[1].code == "no_prompt_model"


@pytest.mark.parametrize(
    ("marker", "reason"), [(FAKE_EMPTY, "empty_output"), (FAKE_LOOP, "repeated_output")]
)
def test_a_useless_text_steps_down(presence: Witness, marker: str, reason: str) -> None:
    results = pipeline(presence, EchoEngine()).summarize([source(f"{NOTE} {marker}"), source(NOTE)])
    assert routes(results) == [f"extractive: {reason}", "prompt: no_fine_tuned_model"]


def test_a_long_note_is_read_to_its_end(presence: Witness) -> None:
    text = " ".join(f"Finding {n} was seen on day {n} of the stay." for n in range(1_000))
    engine = EchoEngine(window=1_000)
    result = only(pipeline(presence, engine).summarize([source(text)]))
    assert isinstance(result, Summarized)
    assert engine.calls[0] > 8
    assert result.usage.input_tokens > len(text.split())
    assert result.body.quality.coverage == 1.0
    spans = sentence_spans(result.body.text)
    assert all(before.end <= after.start for before, after in pairwise(spans))


def test_a_refused_document_leaves_its_neighbours_alone(presence: Witness) -> None:
    sources = [source(NOTE), source(f"{NOTE} {FAKE_REFUSE}"), source(NOTE)]
    results = pipeline(presence, EchoEngine()).summarize(sources)
    good = "prompt: no_fine_tuned_model"
    assert routes(results) == [good, "extractive: prompt_model_unusable", good]


def test_one_that_never_answers_has_an_error_of_its_own(presence: Witness) -> None:
    def results(attempts: int) -> list[Result]:
        bad = source(f"{NOTE} {FAKE_DOWN}", attempts=attempts)
        return pipeline(presence, EchoEngine()).summarize([source(NOTE), bad])

    assert isinstance(results(0)[1], Retried)
    last = results(2)[1]
    assert isinstance(last, Failed)
    assert presence.attention is None


def test_while_nothing_answers_documents_wait(presence: Witness) -> None:
    sources = [source(f"{NOTE} {FAKE_DOWN}") for _ in range(4)]
    line = pipeline(presence, EchoEngine())
    assert {type(result) for result in line.summarize(sources)} == {Postponed}
    assert presence.attention == ATTENTION
    assert not line.ready()


def test_a_model_that_does_not_load_is_waited_for_and_not_for_ever(presence: Witness) -> None:
    line = pipeline(presence, ModelUnavailable("No memory."), fallback_after=900)
    assert not line.ready()
    assert isinstance(only(line.summarize([source(NOTE)])), Postponed)
    presence.sick_seconds = 901
    assert line.ready()
    results = line.summarize([source(NOTE), source(NOTE, fallback="prompt")])
    assert routes(results)[0] == "extractive: prompt_model_unavailable"
    assert isinstance(results[1], Postponed)


def test_a_model_that_cannot_be_used_steps_down_at_once(presence: Witness) -> None:
    line = pipeline(presence, ModelUnusable("No such model.", code="model_not_found"))
    assert routes(line.summarize([source(NOTE)])) == ["extractive: prompt_model_unusable"]
    assert presence.attention == "model_not_found"

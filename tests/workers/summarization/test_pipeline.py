"""From claims to results, with a model that can be told to misbehave."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest

from shared.config import EngineSettings, LedgerSettings
from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.errors import ModelUnavailable, ModelUnusable
from shared.note_types.shipped import NOTE_TYPES, NoteType
from shared.text.sentences import sentence_spans
from tests.factories.prompts import prompt_of
from tests.fakes import FAKE_DOWN, FAKE_EMPTY, FAKE_LOOP, FAKE_REFUSE, EchoEngine, versions
from workers.inference.engine import Engine
from workers.summarization.draft import ClaimedText
from workers.summarization.model import ATTENTION, prompt_model
from workers.summarization.pipeline import Pipeline
from workers.summarization.results import Postponed, Result, Retried

NOTE = "Cough for 3 days. No fever. Prednisone 40 mg daily."
GERMAN = (
    "Der Patient stellte sich mit seit drei Tagen bestehendem Husten und Fieber vor. "
    "Wir begannen eine antibiotische Therapie mit Amoxicillin 1 g dreimal täglich."
)
ARABIC = "حضر المريض إلى قسم الطوارئ بسبب ألم في الصدر منذ ساعتين. لا توجد حمى أو سعال."
JAPANESE = "患者は三日前から咳と発熱があり、当院を受診した。抗生剤を開始した。"


class Witness:
    """A presence that only remembers."""

    engine: str | None = None

    def __init__(self) -> None:
        self.attention: str | None = None
        self.sick_seconds = 0.0

    def attend(self, code: str | None, *, of: str = "") -> None:  # noqa: ARG002 - as Presence has it
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
    model = prompt_model(EngineSettings(prompt_model=named), presence, fallback_after, load)
    model.prepare()
    return Pipeline(model, versions(presence), LedgerSettings(max_attempts=3))


def source(  # noqa: PLR0913 - what a claim and its tenant say
    text: str,
    fallback: str = "any",
    attempts: int = 0,
    *,
    language: str | None = None,
    remote_permitted: bool = False,
    note_type: NoteType = NOTE_TYPES["visit"],
) -> ClaimedText:
    ids = (uuid4(), uuid4(), uuid4())
    claim = Claim(*ids, note_type.name, fallback, len(text), 1, attempts, [])
    prompt = prompt_of(note_type)
    return ClaimedText(claim, text, note_type, remote_permitted, language, prompt=prompt)


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
    assert sum(engine.calls) > 8
    assert result.usage.input_tokens > len(text.split())
    assert result.body.quality.coverage == 1.0
    spans = sentence_spans(result.body.text)
    assert all(before.end <= after.start for before, after in pairwise(spans))


def test_a_book_of_a_note_is_given_up_between_two_parts_when_nobody_wants_it(
    presence: Witness,
) -> None:
    text = " ".join(f"Finding {n} was seen on day {n} of the stay." for n in range(3_000))
    engine = EchoEngine(window=1_000)
    asked = iter([True, False])
    results = pipeline(presence, engine).summarize([source(text)], lambda: next(asked))
    assert isinstance(only(results), Postponed)
    assert engine.calls == [16, 16]


def test_the_sections_named_are_read_first_and_the_rest_is_read_too(presence: Witness) -> None:
    days = "\n".join(
        f"Day {n} on the ward passed without any event worth a word." for n in range(400)
    )
    text = f"COURSE:\n{days}\nASSESSMENT/PLAN:\nRuptured appendix, now resolved. Home tomorrow."
    note_type = replace(NOTE_TYPES["visit"], sections=("Assessment",), sentences=(1, 2))
    engine = EchoEngine(window=1_000)
    short_text = f"COURSE:\nDay 1 was quiet.\n{text[text.index('ASSESSMENT') :]}"
    long, short = (source(words, note_type=note_type) for words in (text, short_text))
    results = pipeline(presence, engine).summarize([long, short])
    assert isinstance(results[0], Summarized)
    assert "ASSESSMENT/PLAN" in engine.chats[0][-1][1]
    assert "Day " not in engine.chats[0][-1][1]
    assert "Ruptured appendix, now resolved." in results[0].body.text
    read = "".join(chat[-1][1] for chat in engine.chats[:-1])
    assert all(f"Day {n} on" in read for n in range(400))
    assert short_text in engine.chats[-1][-1][1]


def test_a_summary_is_no_longer_than_its_note_type_says(presence: Witness) -> None:
    note_type = replace(NOTE_TYPES["visit"], sentences=(1, 1))
    sources = [source(NOTE, note_type=note_type)]
    for model in (EchoEngine(), None):
        result = only(pipeline(presence, model).summarize(sources))
        assert isinstance(result, Summarized)
        assert len(result.body.sentences) == 1


def test_a_tenants_own_note_type_has_the_general_prompt(presence: Witness) -> None:
    own = NoteType("sonogram", "Sonogram", (), (1, 4), source="tenant")
    result = only(pipeline(presence, EchoEngine()).summarize([source(NOTE, note_type=own)]))
    assert isinstance(result, Summarized)
    assert result.produced_by.prompt_version == "prompts:/general/1"


@pytest.mark.parametrize("note", [GERMAN, ARABIC, JAPANESE])
def test_no_model_is_given_a_language_that_the_note_type_does_not_list(
    presence: Witness, note: str
) -> None:
    engine = EchoEngine()
    sources = [source(note), source(note, fallback="prompt"), source(note, fallback="none")]
    results = pipeline(presence, engine).summarize(sources)
    assert routes(results)[0] == "extractive: language_not_supported"
    assert [r.code for r in results if isinstance(r, Failed)] == ["language_not_supported"] * 2
    assert engine.calls == []
    assert isinstance(results[0], Summarized)
    assert all(sentence.supported for sentence in results[0].body.sentences)
    assert results[0].body.text.replace(" ", "") in note.replace(" ", "")


def test_the_language_is_given_or_detected(presence: Witness) -> None:
    listed = replace(NOTE_TYPES["visit"], languages=("en", "de-AT"))
    sources = [
        source(GERMAN, note_type=listed),
        source(GERMAN, note_type=replace(listed, languages=())),
        source(NOTE, language="en-US"),
        source("WBC 7.2 Hgb 13.1 Hct 39"),
        source(NOTE, language="fr"),
        source(GERMAN, language="und"),
    ]
    results = pipeline(presence, EchoEngine()).summarize(sources)
    by_claim = {r.claim.document: r for r in results if isinstance(r, Summarized)}
    made = [by_claim[one.claim.document] for one in sources]
    assert [one.language for one in made] == ["de", "de", "en-US", None, "fr", "de"]
    assert [one.produced_by.route for one in made] == [*["prompt"] * 4, *["extractive"] * 2]


def test_a_server_is_given_the_text_of_tenants_that_opted_in(presence: Witness) -> None:
    remote = EchoEngine(remote=True)
    sources = [
        source(f"{NOTE} Private."),
        source(f"{NOTE} Private.", fallback="prompt"),
        source(NOTE, remote_permitted=True),
    ]
    results = pipeline(presence, remote).summarize(sources)
    assert sorted(routes(results)[::2]) == [
        "extractive: remote_not_permitted",
        "prompt: no_fine_tuned_model",
    ]
    assert [r.code for r in results if isinstance(r, Failed)] == ["remote_not_permitted"]
    assert remote.calls == [1]
    assert "Private" not in str(remote.chats)
    here = pipeline(presence, EchoEngine()).summarize(sources[:1])
    assert routes(here) == ["prompt: no_fine_tuned_model"]


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


@pytest.mark.parametrize("count", [1, 4])
def test_what_is_never_answered_steps_down_in_the_end(presence: Witness, count: int) -> None:
    presence.sick_seconds = 901
    line = pipeline(presence, EchoEngine(), fallback_after=900)
    results = line.summarize([source(f"{NOTE} {FAKE_DOWN}") for _ in range(count)])
    assert routes(results) == ["extractive: prompt_model_unavailable"] * count
    assert presence.attention == ATTENTION


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

"""The first rung: a version in production, and what is below it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from shared.config import EngineSettings, LedgerSettings
from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.errors import ModelUnavailable, ModelUnusable
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.shipped import load_shipped
from shared.registry.queries import ServingVersion
from shared.schemas.registry import ModelManifest, Parity
from tests.fakes import FAKE_DOWN, FAKE_REFUSE, EchoEngine
from workers.inference.engine import Engine, Output, Request
from workers.summarization.draft import ClaimedText
from workers.summarization.model import ATTENTION, prompt_model
from workers.summarization.pipeline import Pipeline
from workers.summarization.results import Postponed, Result
from workers.summarization.versions import Versions

NOTE = "Cough for 3 days. No fever. Prednisone 40 mg daily was started in the clinic."
MUTE = "Seen on the ward."
VISIT = NOTE_TYPES["visit"]


class Witness:
    """A presence that remembers what is wrong, for so many seconds."""

    engine: str | None = None
    sick_seconds = 0.0

    def __init__(self) -> None:
        self.attentions: dict[str, str | None] = {}

    def attend(self, code: str | None, *, of: str = "") -> None:
        self.attentions[of] = code

    def attention_seconds(self, code: str) -> float:
        return self.sick_seconds if code in self.attentions.values() else 0.0


def version(number: int = 1, **changed: object) -> ServingVersion:
    manifest = ModelManifest(
        kind="decoder",
        architecture="LlamaForCausalLM",
        template="{note}",
        max_source_tokens=40,
        max_target_tokens=20,
        base_digest="0" * 64,
        dataset="visits@1",
        hyperparameters={},
    ).model_copy(update=changed)
    parity = Parity(
        compute_type="int8", examples=4, log_probability=0.01, same_tokens=0.99, passed=True
    )
    return ServingVersion(uuid4(), f"models:/visit/{number}", "0" * 64, manifest, parity)


def source(
    text: str = NOTE, serving: ServingVersion | None = None, fallback: str = "any", **asked: str
) -> ClaimedText:
    claim = Claim(uuid4(), UUID(int=1), uuid4(), "visit", fallback, len(text), 1, 0, [])
    return ClaimedText(
        replace(claim, **asked),
        text,
        VISIT,
        remote_permitted=False,
        serving=serving,
        prompt=load_shipped("visit"),
    )


class Mute(EchoEngine):
    """Has nothing to say to some notes."""

    def _answer(self, request: Request) -> Output:
        answer = super()._answer(request)
        return replace(answer, text="") if MUTE in request.chat[-1][1] else answer


class Rig:
    """A pipeline with a prompt model and versions that load to these engines or errors."""

    def __init__(self, engines: Mapping[str, Engine | Exception], prompt: Engine | None) -> None:
        self.presence = Witness()
        self.loads: list[str] = []
        self._engines = engines
        settings = EngineSettings(prompt_model="somewhere" if prompt else None)
        model = prompt_model(settings, self.presence, 900.0, lambda _: prompt)
        model.prepare()
        versions = Versions(self._load, self.presence, 900.0, most=2)
        self.pipeline = Pipeline(model, versions, LedgerSettings())

    def summarize(self, *sources: ClaimedText) -> list[Result]:
        self.pipeline.prepare(sources)
        return self.pipeline.summarize(sources)

    def _load(self, _: UUID, serving: ServingVersion) -> Engine:
        self.loads.append(serving.name)
        engine = self._engines[serving.name]
        if isinstance(engine, Exception):
            raise engine
        return engine


def way(result: Result) -> tuple[str, str]:
    assert isinstance(result, Summarized)
    return result.produced_by.route, result.produced_by.reason


def test_the_version_in_production_serves_and_says_its_name() -> None:
    engine, serving = EchoEngine("tuned"), version()
    (result,) = Rig({serving.name: engine}, EchoEngine()).summarize(source(serving=serving))
    assert way(result) == ("fine_tuned", "production_model")
    assert isinstance(result, Summarized)
    assert result.produced_by.model_version == "models:/visit/1"
    assert result.produced_by.prompt_version is None
    assert engine.chats == [(("user", NOTE),)]


def test_a_note_longer_than_it_was_trained_on_is_read_in_parts() -> None:
    engine, serving = EchoEngine("tuned"), version()
    text = " ".join(f"Finding {n} is described here in some words." for n in range(20))
    (result,) = Rig({serving.name: engine}, None).summarize(source(text, serving))
    assert isinstance(result, Summarized)
    assert len(engine.chats) > 1
    assert result.body.quality.coverage == 1.0
    assert all(engine.prompt_tokens(chat) <= 40 for chat in engine.chats)


def test_what_it_does_not_answer_well_goes_to_the_prompt_in_the_same_turn() -> None:
    prompt, serving = EchoEngine(), version()
    rig = Rig({serving.name: Mute("tuned")}, prompt)
    good, empty = rig.summarize(source(serving=serving), source(f"{NOTE} {MUTE}", serving))
    assert way(good) == ("fine_tuned", "production_model")
    assert way(empty) == ("prompt", "empty_output")
    assert isinstance(empty, Summarized)
    assert empty.trace is not None
    assert [step.outcome for step in empty.trace.steps] == ["stepped_down", "used"]


def test_a_version_of_no_use_is_passed_over_and_its_reason_told() -> None:
    serving = version()
    rig = Rig({serving.name: ModelUnusable("damaged")}, EchoEngine())
    results = [*rig.summarize(source(serving=serving)), *rig.summarize(source(serving=serving))]
    assert [way(result) for result in results] == [("prompt", "model_unusable")] * 2
    assert rig.loads == [serving.name]


def test_one_that_may_come_back_is_waited_for_and_the_prompt_goes_on() -> None:
    serving = version()
    rig = Rig({serving.name: ModelUnavailable("no memory")}, EchoEngine())
    waiting, other = rig.summarize(source(serving=serving), source())
    results = {result.claim.document: result for result in (waiting, other)}
    assert {type(result) for result in results.values()} == {Postponed, Summarized}
    assert rig.presence.attentions[serving.name] == ATTENTION
    rig.presence.sick_seconds = 1000.0
    (later,) = rig.summarize(source(serving=serving))
    assert way(later) == ("prompt", "model_unavailable")


def test_an_error_of_one_document_leaves_the_others_on_their_route() -> None:
    serving = version()
    rig = Rig({serving.name: EchoEngine("tuned")}, EchoEngine())
    results = rig.summarize(source(serving=serving), source(f"{NOTE} {FAKE_REFUSE}", serving))
    ways = sorted(way(result) for result in results if isinstance(result, Summarized))
    assert ways[0] == ("extractive", "prompt_model_unusable")
    assert ways[1] == ("fine_tuned", "production_model")


def test_a_version_that_fails_while_it_serves_is_left_alone_for_a_while() -> None:
    serving = version()
    rig = Rig({serving.name: EchoEngine("tuned")}, EchoEngine())
    (result,) = rig.summarize(source(f"{NOTE} {FAKE_DOWN}", serving))
    assert isinstance(result, Postponed)
    assert rig.presence.attentions[serving.name] == ATTENTION


def test_what_is_asked_for_and_not_there_steps_down_or_is_refused() -> None:
    rig = Rig({}, EchoEngine())
    asked = {"asked_model_version": "models:/visit/9"}
    (result,) = rig.summarize(source(**asked))
    assert way(result) == ("prompt", "no_model_version")
    (refused,) = rig.summarize(source(fallback="none", **asked))
    assert isinstance(refused, Failed)
    assert refused.code == "no_model_version"


def test_a_language_that_it_was_not_trained_on_goes_to_the_prompt() -> None:
    serving = version(languages=["en"])
    rig = Rig({serving.name: EchoEngine("tuned")}, EchoEngine())
    german = replace(source(serving=serving), language="de")
    (result,) = rig.summarize(german)
    assert way(result) == ("extractive", "language_not_supported")


def test_no_more_versions_are_kept_than_the_worker_may() -> None:
    versions = [version(number) for number in (1, 2, 3)]
    rig = Rig({each.name: EchoEngine(each.name) for each in versions}, None)
    for each in (*versions, versions[2], versions[0]):
        rig.summarize(source(serving=each))
    assert rig.loads == [f"models:/visit/{n}" for n in (1, 2, 3, 1)]

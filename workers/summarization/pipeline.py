"""From claimed documents to results: route, generate, check, step down, evidence.

Knows no database. One document's trouble never touches its neighbours: what fails together is tried
again one by one, and whoever fails alone while others succeed has an error of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.checks.degenerate import is_empty, is_prompt_echo, is_repetitive
from shared.config import LedgerSettings
from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import describe, get_logger
from shared.note_types.shipped import NoteType
from shared.schemas.summaries import ProducedBy, Reason
from shared.text.language import detect
from shared.text.language_tags import is_among, primary_subtag
from workers.inference.engine import Engine
from workers.summarization.draft import ClaimedText, Draft, with_evidence
from workers.summarization.extracting import draft_extract
from workers.summarization.model import PromptModel
from workers.summarization.prompting import (
    Prompted,
    draft_of,
    generate,
    prepare,
    produced_by,
    prompt_of,
)
from workers.summarization.routing import Chosen, Refused, Wait, choose_route, may_step_down

_log = get_logger()
_PAUSE_SECONDS = 5.0
_PATIENCE = 2
"""So many documents that fail alone, and none that succeeds, mean that the model is sick."""


@dataclass(frozen=True, slots=True)
class Retried:
    """A document to be tried again after an error of its own."""

    claim: Claim
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class Postponed:
    """A document that waits for a sick model, through no fault of its own."""

    claim: Claim
    pause_seconds: float


Result = Summarized | Failed | Retried | Postponed


class Pipeline:
    def __init__(self, model: PromptModel, settings: LedgerSettings) -> None:
        self._model = model
        self._settings = settings

    def ready(self) -> bool:
        """Whether anything could be summarized now; tries a sick model again when it is time."""
        self._model.prepare()
        return self._model.state() != "waiting"

    def production(self, note_type: NoteType, *, remote_permitted: bool) -> ProducedBy | None:
        """How a document of the note type would be summarized now; None while that is unsure."""
        state, engine = self._model.state(), self._model.engine
        if state == "absent":
            return ProducedBy(route="extractive", reason="no_prompt_model")
        if state == "ready" and engine is not None and (remote_permitted or not engine.remote):
            return produced_by(prompt_of(note_type), engine)
        return None

    def summarize(self, sources: Sequence[ClaimedText]) -> list[Result]:
        """One result per document."""
        state, engine = self._model.state(), self._model.engine
        results: list[Result] = []
        prompted: list[ClaimedText] = []
        for source in map(_with_language, sources):
            match choose_route(state, source.claim.fallback, _barrier(source, engine)):
                case Refused(code, message):
                    results.append(Failed(source.claim, code, message))
                case Wait():
                    results.append(Postponed(source.claim, _PAUSE_SECONDS))
                case Chosen("extractive", reason):
                    results.append(with_evidence(source, draft_extract(source, reason)))
                case _:
                    prompted.append(source)
        if prompted and engine is not None:
            results += self._prompt(prompted, engine)
        return results

    def _prompt(self, sources: Sequence[ClaimedText], engine: Engine) -> list[Result]:
        """All at once and, should that fail, one by one."""
        try:
            results = self._generate(sources, engine)
        except Exception as error:  # noqa: BLE001 - a document's error must not reach its neighbours
            if len(sources) == 1:
                return [self._in_trouble(sources[0], error)]
            return self._one_by_one(sources, engine)
        self._model.worked()
        return results

    def _one_by_one(self, sources: Sequence[ClaimedText], engine: Engine) -> list[Result]:
        results: list[Result] = []
        for source in sources:
            if len(results) >= _PATIENCE and all(map(_unanswered, results)):
                results.append(self._without_model(source))
            else:
                results += self._prompt([source], engine)
        if any(isinstance(r, Summarized) and not _unanswered(r) for r in results):
            # The model works, so whoever it did not answer has an error of their own.
            self._model.worked()
            return [
                self._try_again(r.claim, "model_unavailable") if isinstance(r, Postponed) else r
                for r in results
            ]
        return results

    def _in_trouble(self, source: ClaimedText, error: Exception) -> Result:
        if isinstance(error, ModelUnavailable):
            self._model.failed(error)
            return self._without_model(source)
        _log.warning("document_failed", document=str(source.claim.document), error=describe(error))
        if isinstance(error, ModelUnusable):
            if may_step_down(source.claim.fallback):
                return with_evidence(source, draft_extract(source, "prompt_model_unusable"))
            return Failed(source.claim, error.error_code, error.detail)
        return self._try_again(source.claim, "processing_error")

    def _without_model(self, source: ClaimedText) -> Result:
        """Wait for a model that has just failed, or, if it has for long enough, step down."""
        match choose_route(self._model.state(), source.claim.fallback):
            case Chosen("extractive", reason):
                return with_evidence(source, draft_extract(source, reason))
            case _:
                return Postponed(source.claim, _PAUSE_SECONDS)

    def _try_again(self, claim: Claim, code: str) -> Retried | Failed:
        if claim.attempts + 1 < self._settings.max_attempts:
            return Retried(claim, _PAUSE_SECONDS * 2**claim.attempts)
        return Failed(
            claim,
            code,
            f"It failed {claim.attempts + 1} times. POST …/retry on the batch tries it again.",
        )

    def _generate(self, sources: Sequence[ClaimedText], engine: Engine) -> list[Result]:
        prepared = [prepare(source, engine) for source in sources]
        return [
            self._judged(one, draft_of(one, outputs, engine))
            for one, outputs in zip(prepared, generate(prepared, engine), strict=True)
        ]

    def _judged(self, prompted: Prompted, draft: Draft) -> Result:
        """The draft with its evidence; a useless one steps down."""
        source = prompted.source
        fault = fault_of(draft.text, prompted.prompt.system)
        if fault is None:
            return with_evidence(source, draft)
        if may_step_down(source.claim.fallback):
            return with_evidence(source, draft_extract(source, fault))
        if fault == "empty_output":
            return Failed(
                source.claim, fault, "The model wrote nothing, and fallback forbids more."
            )
        return with_evidence(source, replace(draft, warnings=(*draft.warnings, fault)))


def _unanswered(result: Result) -> bool:
    """Whether it is what comes of a model that did not answer."""
    if isinstance(result, Summarized):
        return result.produced_by.reason == "prompt_model_unavailable"
    return isinstance(result, Postponed)


def _barrier(source: ClaimedText, engine: Engine | None) -> Reason | None:
    """Why no model may be given the document, if so."""
    if not is_among(source.language, source.note_type.languages):
        return "language_not_supported"
    if engine is not None and engine.remote and not source.remote_permitted:
        return "remote_not_permitted"
    return None


def _with_language(source: ClaimedText) -> ClaimedText:
    if source.language is not None and primary_subtag(source.language) is not None:
        return source
    return replace(source, language=detect(source.text))


def fault_of(summary: str, instruction: str) -> Reason | None:
    """What makes a generated text useless as a whole, if anything does."""
    if is_empty(summary):
        return "empty_output"
    if is_repetitive(summary):
        return "repeated_output"
    if is_prompt_echo(summary, instruction):
        return "prompt_echo"
    return None

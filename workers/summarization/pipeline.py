"""From claimed documents to results: route, generate, judge, step down.

Knows no database. One document's trouble never touches its neighbours: what fails together is tried
again one by one, and whoever fails alone while others succeed has an error of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from shared.config import LedgerSettings
from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import describe, get_logger
from shared.note_types.shipped import NoteType
from shared.schemas.explanations import LadderStep
from shared.schemas.summaries import ProducedBy, Reason
from workers.inference.engine import Engine
from workers.summarization.accepting import accept
from workers.summarization.admission import asked_route, barriers
from workers.summarization.draft import ClaimedText, Draft
from workers.summarization.extracting import draft_extract
from workers.summarization.faults import OF_NO_USE, fault_of
from workers.summarization.judging import judge
from workers.summarization.model import PromptModel
from workers.summarization.note import Note, known_tag
from workers.summarization.prompting import (
    Interrupted,
    Prompted,
    draft_of,
    generate,
    prepare,
    produced_by,
    prompt_of,
)
from workers.summarization.results import Postponed, Result, Retried, is_unanswered
from workers.summarization.routing import Chosen, Refused, Wait, choose_route

Outcome = TypeVar("Outcome")
_log = get_logger()
_PAUSE_SECONDS = 5.0
_PATIENCE = 2
"""So many documents that fail alone, and none that succeeds, mean that the model is sick."""
_UNREADABLE = Refused(
    "nothing_to_summarize",
    "All that the document says is addressed to a language model, so none was given it.",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A document on the prompt route."""

    note: Note
    chosen: Chosen


class Pipeline:
    def __init__(self, model: PromptModel, settings: LedgerSettings) -> None:
        self._model = model
        self._settings = settings

    def ready(self) -> bool:
        """Whether anything could be summarized now; tries a sick model again when it is time."""
        self._model.prepare()
        return self._model.state() != "waiting"

    def production(
        self, claim: Claim, note_type: NoteType, *, remote_permitted: bool
    ) -> ProducedBy | None:
        """How the claim would be summarized now; None while that is unsure."""
        unread = ClaimedText(claim, "", note_type, remote_permitted, known_tag(claim.language))
        match self._choose(unread):
            case Chosen("extractive", reason):
                return ProducedBy(route="extractive", reason=reason)
            case Chosen("prompt", reason) if self._model.engine is not None:
                return produced_by(prompt_of(note_type, claim), self._model.engine, reason)
            case _:
                return None

    def summarize(
        self, sources: Sequence[ClaimedText], go_on: Callable[[], bool] = lambda: True
    ) -> list[Result]:
        """One result per document; those that `go_on` ends in the middle are postponed."""
        begun = [self._guarded(each.claim, partial(self._begin, each)) for each in sources]
        results = [each for each in begun if not isinstance(each, Attempt)]
        prompted = [each for each in begun if isinstance(each, Attempt)]
        if prompted and self._model.engine is not None:
            try:
                results += self._prompt(prompted, self._model.engine, go_on)
            except Interrupted:
                results += [Postponed(attempt.note.claim, 0.0) for attempt in prompted]
        return results

    def _begin(self, source: ClaimedText) -> Result | Attempt:
        """On the highest route that is open; what needs no model is done at once."""
        note = Note(source)
        match self._choose(note.claimed) if note.is_readable else _UNREADABLE:
            case Refused(code, message):
                return Failed(note.claim, code, message)
            case Wait():
                return Postponed(note.claim, _PAUSE_SECONDS)
            case Chosen("extractive") as chosen:
                return _extracted(note, chosen)
            case chosen:
                return Attempt(note, chosen)

    def _choose(
        self, source: ClaimedText, tried: Sequence[LadderStep] = ()
    ) -> Chosen | Refused | Wait:
        """The way for a document after those that it has tried. None has a fine-tuned model yet."""
        return choose_route(
            {"fine_tuned": "absent", "prompt": self._model.state()},
            source.claim.fallback,
            asked=asked_route(source.claim),
            barriers=barriers(source, self._model.engine),
            tried=tried,
        )

    def _prompt(
        self, attempts: Sequence[Attempt], engine: Engine, go_on: Callable[[], bool]
    ) -> list[Result]:
        """All at once and, should that fail, one by one. Raises Interrupted."""
        try:
            results = self._generate(attempts, engine, go_on)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - a document's error must not reach its neighbours
            if len(attempts) > 1:
                return self._one_by_one(attempts, engine, go_on)
            trouble = partial(self._in_trouble, attempts[0], error)
            return [self._guarded(attempts[0].note.claim, trouble)]
        self._model.worked()
        return results

    def _generate(
        self, attempts: Sequence[Attempt], engine: Engine, go_on: Callable[[], bool]
    ) -> list[Result]:
        """One forward pass for all of them, then each judged beside its neighbours."""
        prepared = [prepare(attempt.note, engine) for attempt in attempts]
        drafts = [
            draft_of(prompted, outputs, engine, attempt.chosen.reason)
            for attempt, prompted, outputs in zip(
                attempts, prepared, generate(prepared, engine, go_on), strict=True
            )
        ]
        return [
            self._judged(attempt, draft, prompted, attempts)
            for attempt, draft, prompted in zip(attempts, drafts, prepared, strict=True)
        ]

    def _judged(
        self, attempt: Attempt, draft: Draft, prompted: Prompted, together: Sequence[Attempt]
    ) -> Result:
        """The draft with its evidence; one that is not good enough steps down if it may."""
        note = attempt.note
        others = [other.note.facts for other in together if other is not attempt]
        judgement = judge(draft.text, note, others=others)
        whole = fault_of(draft.text, prompted.instruction, note.readable.text)
        fault = whole or judgement.fault
        if fault is None:
            return accept(note, attempt.chosen, draft, judgement)
        below = self._step_down(attempt, fault, draft.text)
        if not isinstance(below, Refused):
            return below
        if fault in OF_NO_USE or not judgement.sentences:
            return Failed(note.claim, below.code, below.message)
        flagged = replace(draft, warnings=(*draft.warnings, fault))
        return accept(note, attempt.chosen, flagged, judgement)

    def _step_down(
        self, attempt: Attempt, reason: Reason, text: str | None = None
    ) -> Result | Refused:
        """The document on the next route, `text` being what was not good enough on this one."""
        route = attempt.chosen.route
        step = LadderStep(route=route, outcome="stepped_down", reason=reason, text=text)
        match self._choose(attempt.note.claimed, (*attempt.chosen.above, step)):
            case Chosen("extractive") as chosen:
                return _extracted(attempt.note, chosen)
            case Refused() as refused:
                return refused
            case _:
                return Postponed(attempt.note.claim, _PAUSE_SECONDS)

    def _one_by_one(
        self, attempts: Sequence[Attempt], engine: Engine, go_on: Callable[[], bool]
    ) -> list[Result]:
        results: list[Result] = []
        for attempt in attempts:
            if len(results) >= _PATIENCE and all(map(is_unanswered, results)):
                results.append(self._without_model(attempt))
            else:
                results += self._prompt([attempt], engine, go_on)
        if any(isinstance(r, Summarized) and not is_unanswered(r) for r in results):
            # The model works, so whoever it did not answer has an error of their own.
            self._model.worked()
            return [
                self._try_again(r.claim, "model_unavailable") if isinstance(r, Postponed) else r
                for r in results
            ]
        return results

    def _in_trouble(self, attempt: Attempt, error: Exception) -> Result:
        claim = attempt.note.claim
        if isinstance(error, ModelUnavailable):
            self._model.failed(error)
            return self._without_model(attempt)
        if isinstance(error, ModelUnusable):
            _log.warning("document_refused", document=str(claim.document), error=describe(error))
            below = self._step_down(attempt, "prompt_model_unusable")
            if isinstance(below, Refused):
                return Failed(claim, error.error_code, error.detail)
            return below
        raise error

    def _without_model(self, attempt: Attempt) -> Result:
        """Wait for a model that has just failed, or, if it has for long enough, step down."""
        match self._choose(attempt.note.claimed):
            case Chosen("extractive") as chosen:
                return _extracted(attempt.note, chosen)
            case _:
                return Postponed(attempt.note.claim, _PAUSE_SECONDS)

    def _guarded(self, claim: Claim, act: Callable[[], Outcome]) -> Outcome | Retried | Failed:
        """What the act gives; an error of it is the document's own."""
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - a document's error must not reach its neighbours
            _log.warning("document_failed", document=str(claim.document), error=describe(error))
            return self._try_again(claim, "processing_error")

    def _try_again(self, claim: Claim, code: str) -> Retried | Failed:
        if claim.attempts + 1 < self._settings.max_attempts:
            return Retried(claim, _PAUSE_SECONDS * 2**claim.attempts)
        return Failed(
            claim,
            code,
            f"It failed {claim.attempts + 1} times. POST …/retry on the batch tries it again.",
        )


def _extracted(note: Note, chosen: Chosen) -> Summarized:
    """On the last route, which has a summary for whatever can be read."""
    draft = draft_extract(note, chosen.reason)
    return accept(note, chosen, draft, judge(draft.text, note, is_last=True))

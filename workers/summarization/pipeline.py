"""From claimed documents to results: route, generate, judge, step down.

Knows no database. One document's trouble never touches its neighbours: what fails together is tried
again one by one, and whoever fails alone while others succeed has an error of their own.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from shared.config import LedgerSettings
from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import describe, get_logger
from shared.schemas.explanations import LadderStep
from shared.schemas.summaries import ProducedBy, Reason, Route
from workers.inference.engine import Engine
from workers.summarization.accepting import accept
from workers.summarization.admission import asked_route, barriers
from workers.summarization.asking import Asked, Interrupted, draft_of, generate
from workers.summarization.cost import with_cost
from workers.summarization.draft import ClaimedText, Draft
from workers.summarization.extracting import draft_extract
from workers.summarization.faults import OF_NO_USE, fault_of
from workers.summarization.fine_tuned import ask_version, produced_by_version
from workers.summarization.judging import judge
from workers.summarization.model import Model
from workers.summarization.note import Note, known_tag
from workers.summarization.prompting import ask_prompt, produced_by_prompt
from workers.summarization.results import UNANSWERED, Postponed, Result, Retried, is_unanswered
from workers.summarization.routing import LADDER, Chosen, Refused, Wait, choose_route
from workers.summarization.versions import Versions

Outcome = TypeVar("Outcome")
_log = get_logger()
_PAUSE_SECONDS = 5.0
_PATIENCE = 2
"""So many documents that fail alone, and none that succeeds, mean that the model is sick."""
_UNREADABLE = Refused(
    "nothing_to_summarize",
    "All that the document says is addressed to a language model, so none was given it.",
)
_UNUSABLE: dict[Route, Reason] = {"fine_tuned": "model_unusable", "prompt": "prompt_model_unusable"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A document on a route that needs a model."""

    note: Note
    chosen: Chosen
    model: Model
    engine: Engine
    strictness: int = 0
    """How many attempts on the same route came before."""

    @property
    def is_unanswered(self) -> bool:
        """Whether it is here since a model above did not answer."""
        return self.chosen.reason in UNANSWERED


Step = Result | Attempt
"""What comes of a route: the document's result, or its attempt on the next one."""


class Pipeline:
    def __init__(self, prompt: Model, versions: Versions, settings: LedgerSettings) -> None:
        self._prompt = prompt
        self._versions = versions
        self._settings = settings

    def ready(self) -> bool:
        """Whether claiming is of use; tries a sick prompt model again when it is time."""
        self._prompt.prepare()
        return self._prompt.state() != "waiting" or self._versions.any_ready()

    def prepare(self, sources: Sequence[ClaimedText]) -> None:
        """Load the versions that these documents are for, which may take minutes."""
        for source in sources:
            if model := self._version_of(source):
                model.prepare()

    def production(self, unread: ClaimedText) -> ProducedBy | None:
        """How a document, whose text need not be there, would be summarized now.

        None while that is unsure.
        """
        source = replace(unread, language=known_tag(unread.claim.language))
        match self._choose(source):
            case Chosen("extractive", reason):
                return ProducedBy(route="extractive", reason=reason)
            case Chosen("prompt", reason) if self._prompt.engine is not None:
                return produced_by_prompt(source, self._prompt.engine, reason)
            case Chosen("fine_tuned", reason) if source.serving is not None:
                return produced_by_version(source.serving, reason)
            case _:
                return None

    def summarize(
        self, sources: Sequence[ClaimedText], go_on: Callable[[], bool] = lambda: True
    ) -> list[Result]:
        """One result per document; those that `go_on` ends in the middle are postponed.

        All of one model go through it together, the highest route first, so that what steps down
        joins those of the next.
        """
        steps = [self._guarded(each.claim, partial(self._begin, each)) for each in sources]
        while attempts := [step for step in steps if isinstance(step, Attempt)]:
            first = min(attempts, key=lambda each: LADDER.index(each.chosen.route))
            mine = [each for each in attempts if each.model is first.model]
            steps = [step for step in steps if not _is_of(step, first.model)]
            try:
                steps += self._attempt(mine, go_on)
            except Interrupted:
                steps += [Postponed(each.note.claim, 0.0) for each in mine]
        return [step for step in steps if not isinstance(step, Attempt)]

    def _begin(self, source: ClaimedText) -> Step:
        """On the highest route that is open; what needs no model is done at once."""
        note = Note(source)
        way = self._choose(note.claimed) if note.is_readable else _UNREADABLE
        if isinstance(way, Refused):
            return Failed(note.claim, way.code, way.message)
        return self._take(note, way)

    def _take(self, note: Note, way: Chosen | Wait) -> Step:
        if isinstance(way, Wait):
            return Postponed(note.claim, _PAUSE_SECONDS)
        if way.route == "extractive":
            return _extracted(note, way)
        model = self._prompt if way.route == "prompt" else self._version_of(note.claimed)
        if model is None or model.engine is None:
            return Postponed(note.claim, _PAUSE_SECONDS)
        return Attempt(note, way, model, model.engine)

    def _version_of(self, source: ClaimedText) -> Model | None:
        if source.serving is None:
            return None
        return self._versions.of(source.claim.tenant, source.serving)

    def _choose(
        self, source: ClaimedText, tried: Sequence[LadderStep] = ()
    ) -> Chosen | Refused | Wait:
        """The way for a document after those that it has tried."""
        version = self._version_of(source)
        return choose_route(
            {
                "fine_tuned": "absent" if version is None else version.state(),
                "prompt": self._prompt.state(),
            },
            source.claim.fallback,
            asked=asked_route(source.claim),
            barriers=barriers(source, self._prompt.engine),
            tried=tried,
        )

    def _attempt(self, attempts: Sequence[Attempt], go_on: Callable[[], bool]) -> list[Step]:
        """All at once and, should that fail, one by one. Raises Interrupted."""
        try:
            steps = self._generate(attempts, go_on)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - a document's error must not reach its neighbours
            if len(attempts) > 1:
                return self._one_by_one(attempts, go_on)
            trouble = partial(self._in_trouble, attempts[0], error)
            return [self._guarded(attempts[0].note.claim, trouble)]
        attempts[0].model.worked()
        return steps

    def _generate(self, attempts: Sequence[Attempt], go_on: Callable[[], bool]) -> list[Step]:
        """One forward pass for all of them, then each judged beside its neighbours."""
        engine, began = attempts[0].engine, time.monotonic()
        asked = [_ask(attempt) for attempt in attempts]
        drafts = [
            draft_of(one, outputs, engine.warnings)
            for one, outputs in zip(asked, generate(asked, engine, go_on), strict=True)
        ]
        steps = [
            self._judged(attempt, draft, one, attempts)
            for attempt, draft, one in zip(attempts, drafts, asked, strict=True)
        ]
        tokens = [draft.usage.input_tokens + draft.usage.output_tokens for draft in drafts]
        return with_cost(steps, tokens, time.monotonic() - began)

    def _judged(
        self, attempt: Attempt, draft: Draft, asked: Asked, together: Sequence[Attempt]
    ) -> Step:
        """The draft with its evidence; one that is not good enough steps down if it may."""
        note = attempt.note
        others = [other.note.facts for other in together if other is not attempt]
        judgement = judge(draft.text, note, others=others)
        whole = fault_of(draft.text, asked.instruction, note.readable.text)
        fault = whole or judgement.fault
        if fault is None:
            return accept(note, attempt.chosen, draft, judgement)
        if attempt.strictness < _retries(attempt):
            return _stricter(attempt, fault, draft.text)
        below = self._step_down(attempt, fault, draft.text)
        if not isinstance(below, Refused):
            return below
        if fault in OF_NO_USE or not judgement.sentences:
            return Failed(note.claim, below.code, below.message)
        flagged = replace(draft, warnings=(*draft.warnings, fault))
        return accept(note, attempt.chosen, flagged, judgement)

    def _step_down(
        self, attempt: Attempt, reason: Reason, text: str | None = None
    ) -> Step | Refused:
        """The document on the next route, `text` being what was not good enough on this one."""
        route = attempt.chosen.route
        step = LadderStep(route=route, outcome="stepped_down", reason=reason, text=text)
        way = self._choose(attempt.note.claimed, (*attempt.chosen.above, step))
        return way if isinstance(way, Refused) else self._take(attempt.note, way)

    def _one_by_one(self, attempts: Sequence[Attempt], go_on: Callable[[], bool]) -> list[Step]:
        steps: list[Step] = []
        for attempt in attempts:
            if len(steps) >= _PATIENCE and all(map(_is_unanswered, steps)):
                steps.append(self._without_model(attempt))
            else:
                steps += self._attempt([attempt], go_on)
        if any(isinstance(s, Summarized | Attempt) and not _is_unanswered(s) for s in steps):
            # The model works, so whoever it did not answer has an error of their own.
            attempts[0].model.worked()
            return [
                self._try_again(s.claim, "model_unavailable") if isinstance(s, Postponed) else s
                for s in steps
            ]
        return steps

    def _in_trouble(self, attempt: Attempt, error: Exception) -> Step:
        claim = attempt.note.claim
        if isinstance(error, ModelUnavailable):
            attempt.model.failed(error)
            return self._without_model(attempt)
        if isinstance(error, ModelUnusable):
            _log.warning("document_refused", document=str(claim.document), error=describe(error))
            below = self._step_down(attempt, _UNUSABLE[attempt.chosen.route])
            if isinstance(below, Refused):
                return Failed(claim, error.error_code, error.detail)
            return below
        raise error

    def _without_model(self, attempt: Attempt) -> Step:
        """Wait for a model that has just failed, or, if it has for long enough, step down."""
        way = self._choose(attempt.note.claimed, attempt.chosen.above)
        if isinstance(way, Chosen) and way.route != attempt.chosen.route:
            return self._take(attempt.note, way)
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


def _ask(attempt: Attempt) -> Asked:
    note, serving = attempt.note, attempt.note.claimed.serving
    if attempt.chosen.route == "fine_tuned" and serving is not None:
        return ask_version(note, attempt.engine, serving, attempt.chosen.reason)
    return ask_prompt(note, attempt.engine, attempt.chosen.reason, attempt.strictness)


def _retries(attempt: Attempt) -> int:
    prompt = attempt.note.claimed.prompt
    if attempt.chosen.route != "prompt" or prompt is None:
        return 0
    return prompt.content.retries


def _stricter(attempt: Attempt, reason: Reason, text: str) -> Attempt:
    """The same prompt once more, which says more of what it asks for."""
    step = LadderStep(route="prompt", outcome="retried", reason=reason, text=text)
    chosen = replace(attempt.chosen, above=(*attempt.chosen.above, step))
    return replace(attempt, chosen=chosen, strictness=attempt.strictness + 1)


def _is_of(step: Step, model: Model) -> bool:
    return isinstance(step, Attempt) and step.model is model


def _is_unanswered(step: Step) -> bool:
    return step.is_unanswered if isinstance(step, Attempt) else is_unanswered(step)


def _extracted(note: Note, chosen: Chosen) -> Summarized:
    """On the last route, which has a summary for whatever can be read."""
    began = time.monotonic()
    draft = draft_extract(note, chosen.reason)
    summarized = accept(note, chosen, draft, judge(draft.text, note, is_last=True))
    return with_cost([summarized], [1.0], time.monotonic() - began)[0]

"""A judged draft becomes its document's summary, with the trace of how it came to be."""

from shared.documents.complete import Summarized
from shared.schemas.explanations import LadderStep, Trace
from shared.schemas.summaries import Quality, SummaryBody
from workers.summarization.draft import Draft
from workers.summarization.judging import Judgement
from workers.summarization.note import Note, ranges
from workers.summarization.routing import Chosen

WITHHELD = "instructions_withheld"


def accept(note: Note, chosen: Chosen, draft: Draft, judgement: Judgement) -> Summarized:
    """`chosen` is the route that the draft was made on."""
    warnings = [*draft.warnings, *([WITHHELD] if note.withheld else [])]
    body = SummaryBody(
        text=judgement.text,
        sentences=judgement.sentences,
        quality=_quality(note, judgement),
        warnings=warnings,
    )
    used = LadderStep(route=chosen.route, outcome="used", reason=chosen.reason)
    trace = Trace(
        steps=[*chosen.above, used],
        parts=list(draft.parts),
        withheld=ranges(note.withheld),
        dropped=judgement.dropped,
    )
    side = None if chosen.route == "fine_tuned" else note.claimed.side
    return Summarized(
        note.claim,
        body,
        draft.produced_by,
        draft.usage,
        note.language,
        trace=trace,
        side=side,
    )


def _quality(note: Note, judgement: Judgement) -> Quality:
    issues = [issue for sentence in judgement.sentences for issue in sentence.issues]
    return Quality(
        coverage=note.coverage,
        unsupported_sentences=sum(not said.supported for said in judgement.sentences),
        number_mismatches=sum(issue.check == "number_not_in_source" for issue in issues),
        dropped_sentences=len(judgement.dropped),
        not_checked=list(judgement.not_checked),
    )

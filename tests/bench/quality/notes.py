"""The extractive route over real notes: what a supported sentence says stands in its evidence."""

import re
from collections import Counter
from collections.abc import Iterable

from shared.documents.complete import Summarized
from shared.note_types.shipped import NOTE_TYPES
from shared.schemas.summaries import Sentence
from shared.text.sentences import sentence_spans
from tests.bench.quality.claims import claimed
from tests.bench.quality.data import records
from tests.bench.quality.drug_names import drugs_in
from tests.bench.quality.offline import pipeline
from tests.bench.quality.tables import Row, markdown

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SIDE = re.compile(r"\b(?:left|right|bilateral)", re.IGNORECASE)
_SETS = ("curated", "synthetic")


def table(split: str) -> str:
    del split  # nothing is tuned on these notes, so there are no splits
    counts: Counter[str] = Counter()
    for name in _SETS:
        for record in records("ehr_notes_plaintext", name):
            counts.update(_judged(record["text"]))
    rows = [
        _row(counts, "supported sentences whose numbers, drugs and sides are in their evidence"),
        _row(counts, "evidence spans that are whole sentences of the text"),
        _row(counts, "notes with coverage 1.0 or a reason"),
    ]
    supported = f"{counts['supported'] / counts['sentences']:.1%} (n = {counts['sentences']:,})"
    rows.append(Row("sentences that are supported", "", supported))
    return f"Extractive summaries of {counts['notes']:,} notes\n\n{markdown(rows)}"


def _row(counts: Counter[str], what: str) -> Row:
    good, bad = counts[f"{what}: yes"], counts[f"{what}: no"]
    measured = f"{good / (good + bad or 1):.2%} (n = {good + bad:,}, {bad:,} not)"
    return Row(what, "all", measured, met=good > 0 and not bad)


def _judged(text: str) -> Iterable[str]:
    """The things to be counted of one note."""
    yield "notes"
    (result,) = pipeline(None).summarize([claimed(text, NOTE_TYPES["general"])])
    if not isinstance(result, Summarized):
        yield "notes with coverage 1.0 or a reason: no"
        return
    whole = {(span.start, span.end) for span in sentence_spans(text)}
    for sentence in result.body.sentences:
        yield "sentences"
        for at in sentence.evidence:
            is_whole = (at.start, at.end) in whole
            yield f"evidence spans that are whole sentences of the text: {_yes(is_whole)}"
        if sentence.supported:
            yield "supported"
            yield (
                "supported sentences whose numbers, drugs and sides are in their evidence: "
                f"{_yes(_holds(sentence, text))}"
            )
    given = result.body.quality.coverage == 1.0 or bool(result.body.warnings)
    yield f"notes with coverage 1.0 or a reason: {_yes(given)}"


def _holds(sentence: Sentence, text: str) -> bool:
    held = " ".join(text[at.start : at.end] for at in sentence.evidence)
    return _facts(sentence.text) <= _facts(held)


def _facts(text: str) -> set[str]:
    """Digits, sides and drugs as they are written, by plain string rules and not by our checks."""
    sides = {side.lower() for side in _SIDE.findall(text)}
    return {*_NUMBER.findall(text), *sides, *(f"drug {n}" for n in drugs_in(text))}


def _yes(holds: object) -> str:
    return "yes" if holds else "no"

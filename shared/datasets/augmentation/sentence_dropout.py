"""A source without some of the sentences that its target does not rest on."""

import random
import re
from collections.abc import Mapping

from shared.datasets.augmentation.edits import Edit, edited
from shared.datasets.augmentation.facts import Pair
from shared.datasets.records import Candidate
from shared.text.dialogue import is_question, speaker_marks
from shared.text.drugs import drugs
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.numbers import numbers
from shared.text.relatives import names_another
from shared.text.sections import headings
from shared.text.sentences import sentence_spans
from shared.text.spans import Span
from shared.text.terms import NARRATION, held_terms, stems
from shared.text.words import word_set, words

_LEAST, _MOST = 0.1, 0.2
"""Share of the sentences that go."""
_REFERRING = word_set(
    "it its this that these those they them their he she him her his which who also however but "
    "and or then so both neither either same such there one another otherwise therefore thus "
    "yes yeah no nope none not denies denied"
)
"""A sentence that begins with one of these may go on with the one before it."""
_OPENING_WORDS = 3
_NUMBERED = re.compile(r"\s*(?:[-*•]\s*)?\(?\d{1,2}[.)](?=\s)")
_NUMBERS_NEXT = re.compile(r"(?<![\w.])\d{1,2}[.)]$")


def drop_sentences(candidate: Candidate, chance: random.Random) -> Pair | None:
    """Those alone that share no word, number or drug with the target and that nothing hangs on.

    Headings, questions, answers, items of numbered lists, dialogues and what is said of another
    person stay.
    """
    text, target = candidate.source, candidate.target
    if not target or speaker_marks(text):
        return None
    index = SourceIndex(text)
    free = _free(index, target)
    count = min(len(free), int(chance.uniform(_LEAST, _MOST) * len(index.sentences)))
    if not count:
        return None
    dropped = sorted(chance.sample(free, count))
    source = edited(text, (_removal(text, index.sentences[place]) for place in dropped))
    return (source, target) if _titles(source) == _titles(text) else None


def _free(index: SourceIndex, target: str) -> list[int]:
    """The places of the sentences that may go."""
    told = [sentence.of(target) for sentence in sentence_spans(target)]
    rests_on = {span for said in told for span in find_evidence(said, index).spans}
    terms = held_terms(target) - NARRATION
    values = _values(target)
    named = _ingredients(target)
    titles = _titled(index)
    return [
        place
        for place, span in enumerate(index.sentences)
        if span not in rests_on
        and _stands_alone(index, place, titles)
        and not held_terms(said := span.of(index.text)) & terms
        and not values & _values(said)
        and not named & _ingredients(said)
    ]


def _values(text: str) -> set[str]:
    return {value for number in numbers(text) for value in (number.value, *number.parts)}


def _ingredients(text: str) -> set[str]:
    return set[str]().union(*(drug.ingredients for drug in drugs(text)))


def _stands_alone(index: SourceIndex, place: int, titles: Mapping[int, bool]) -> bool:
    """Whether no other sentence is understood by it, and it is not the first under its heading."""
    said, before = _said(index, place), _said(index, place - 1)
    if not before or not stems(said) or place in titles or titles.get(place - 1):
        return False
    if names_another(said) or is_question(said) or is_question(before):
        return False
    if _NUMBERED.match(said) or _NUMBERS_NEXT.search(said) or _NUMBERS_NEXT.search(before):
        return False
    if before.endswith(":") or said.endswith(":"):
        return False
    return not set(words(_said(index, place + 1))[:_OPENING_WORDS]) & _REFERRING


def _said(index: SourceIndex, place: int) -> str:
    """Without the comma of a joined line; nothing beyond the ends."""
    inside = 0 <= place < len(index.sentences)
    return index.sentences[place].of(index.text).rstrip(" ,") if inside else ""


def _titled(index: SourceIndex) -> dict[int, bool]:
    """The places of the sentences that hold a heading; True for one that is nothing else."""
    found = {}
    for title in (heading.span for heading in index.headings):
        for place in range(index.place_at(title.start), index.place_at(title.end - 1) + 1):
            found[place] = index.sentences[place].end <= title.end
    return found


def _removal(text: str, span: Span) -> Edit:
    """With the blanks behind it; a comma that was a line end stays, or the next line is none."""
    end = span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    joined = text[span.end - 1] == "," and text[span.start - 1 : span.start] != ","
    return Span(span.start, end), "," if joined else ""


def _titles(text: str) -> list[str]:
    return [heading.name for heading in headings(text)]

"""A source without some of the sentences that its target does not rest on."""

import random
import re
from collections.abc import Sequence

from shared.datasets.augmentation.edits import edited
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
_LIST_MARK = re.compile(r"\s*(?:[-*•]\s*)?\(?\d{1,2}[.)](?=\s)")


def drop_sentences(candidate: Candidate, chance: random.Random) -> Pair | None:
    """Those alone that share no word, number or drug with the target and that nothing hangs on.

    Headings, questions, answers, speakers' turns and what is said of another person stay.
    """
    text, target = candidate.source, candidate.target
    if not target or speaker_marks(text):
        return None
    index = SourceIndex(text)
    free = _free(index, target)
    share = chance.uniform(_LEAST, _MOST)
    count = min(len(free), int(share * len(index.sentences)))
    if not count:
        return None
    dropped = chance.sample(free, count)
    return edited(
        text, ((_with_gap(text, index.sentences[place]), "") for place in dropped)
    ), target


def _free(index: SourceIndex, target: str) -> list[int]:
    """The places of the sentences that may go; of two neighbours that hang together neither."""
    told = [sentence.of(target) for sentence in sentence_spans(target)]
    rests_on = {span for said in told for span in find_evidence(said, index).spans}
    terms = held_terms(target) - NARRATION
    values = {number.value for number in numbers(target)}
    named = set[str]().union(*(drug.ingredients for drug in drugs(target)))
    titles = [heading.span for heading in headings(index.text)]
    free = []
    for place, span in enumerate(index.sentences):
        said = span.of(index.text)
        if (
            span not in rests_on
            and not any(title.start < span.end and span.start < title.end for title in titles)
            and not _LIST_MARK.match(said)
            and not held_terms(said) & terms
            and not values & {value for one in numbers(said) for value in (one.value, *one.parts)}
            and not named & set[str]().union(*(drug.ingredients for drug in drugs(said)))
            and _stands_alone(index, place)
        ):
            free.append(place)
    return free


def _stands_alone(index: SourceIndex, place: int) -> bool:
    """Whether no other sentence is understood by it."""
    said = index.sentences[place].of(index.text)
    if names_another(said) or is_question(said) or said.rstrip().endswith(":") or not stems(said):
        return False
    around = (
        _said(index.sentences, index.text, place - 1),
        _said(index.sentences, index.text, place + 1),
    )
    return not is_question(around[0]) and not (set(words(around[1])[:_OPENING_WORDS]) & _REFERRING)


def _said(sentences: Sequence[Span], text: str, place: int) -> str:
    return sentences[place].of(text) if 0 <= place < len(sentences) else ""


def _with_gap(text: str, span: Span) -> Span:
    """With the blanks behind it, so that its neighbours stay as far apart as sentences are."""
    end = span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    return Span(span.start, end)

"""First checks of a summary, against its source and by itself.

A check of a sentence is a function from the sentence to findings; a predicate of a whole summary
says that it is not to be used at all.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.text.duplicates import Content, content_of, is_same
from shared.text.numbers import KnownNumbers, numbers

_ITEM_MARK = re.compile(r"\s*(?:[-*•]\s*)?\(?\d{1,2}[.)](?=\s)")
_FIGURES_OF_SPEECH = frozenset(["zero", "one", "first", "second", "third"])
_WORD = re.compile(r"\w+")
_REPEAT_TERMS = 3
"""A shorter line (`Hypothyroidism.`) may stand in the history and in the plan."""
_UNSPACED_LOOP = re.compile(r"([^\W\d_][^\n]{0,19}?)\1{7,}")
_LONGEST_PHRASE = 40
_LOOP_TIMES = 4
_LOOP_WORDS = 8
_GRAM = 4
_GRAM_WORDS = 40
_DISTINCT_GRAMS = 0.5
_ECHO_GRAM = 5
_ECHO_SHARE = 0.5
_ECHO_WORDS = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` stands at [`start`, `end`) of what was checked and is what the check objects to."""

    check: str
    text: str
    start: int
    end: int

    def moved(self, offset: int) -> "Finding":
        """The same finding in a text in which the checked one begins at `offset`."""
        return replace(self, start=self.start + offset, end=self.end + offset)


def check_sentences(sentences: Sequence[str], known: KnownNumbers) -> list[list[Finding]]:
    """The findings about each sentence of a summary, offsets within that sentence."""
    repeats = repeated(sentences)
    return [
        [*number_not_in_source(sentence, known), *again]
        for sentence, again in zip(sentences, repeats, strict=True)
    ]


def number_not_in_source(sentence: str, known: KnownNumbers) -> list[Finding]:
    """Numbers, compared normalized and with their units, that the source does not hold.

    The number of a list item is passed over, and so are `one`, `first` and their like: they are
    mostly figures of speech.
    """
    mark = _ITEM_MARK.match(sentence)
    return [
        Finding(
            "number_not_in_source", number.span.of(sentence), number.span.start, number.span.end
        )
        for number in numbers(sentence)
        if not (mark and number.span.end < mark.end())
        and number.span.of(sentence).lower() not in _FIGURES_OF_SPEECH
        and number not in known
    ]


def repeated(sentences: Iterable[str]) -> list[list[Finding]]:
    """For each sentence one finding where an earlier one has said the same, else none."""
    earlier: list[Content] = []
    found = []
    for sentence in sentences:
        content = content_of(sentence)
        again = len(content.terms) >= _REPEAT_TERMS and any(
            is_same(content, before) for before in earlier
        )
        found.append([Finding("repeated", sentence, 0, len(sentence))] if again else [])
        earlier.append(content)
    return found


def is_empty(text: str) -> bool:
    """Whether there is no letter and no digit in it."""
    return not any(character.isalnum() for character in text)


def is_repetitive(text: str) -> bool:
    """Whether the text is a degenerate loop.

    That is a phrase of up to forty words four times in a row, a long text of which half the runs
    of four words come again, or a piece of a word eight times without a space.
    """
    said = _WORD.findall(text.lower())
    if len(said) >= _GRAM_WORDS:
        grams = _grams(said, _GRAM)
        if len(set(grams)) < _DISTINCT_GRAMS * len(grams):
            return True
    phrases = range(1, min(_LONGEST_PHRASE, len(said) // _LOOP_TIMES) + 1)
    return any(_loops(said, length) for length in phrases) or bool(_UNSPACED_LOOP.search(text))


def is_prompt_echo(summary: str, instruction: str) -> bool:
    """Whether the summary gives back its instruction, or consists of it for the larger part."""
    said, told = _WORD.findall(summary.lower()), _WORD.findall(instruction.lower())
    size = min(_ECHO_GRAM, len(told))
    if not size:
        return False
    if _covered(said, set(_grams(told, size)), size) >= _ECHO_SHARE:
        return True
    return len(told) >= _ECHO_WORDS and _covered(told, set(_grams(said, size)), size) >= _ECHO_SHARE


def _loops(said: list[str], length: int) -> bool:
    """Whether a phrase of `length` words stands four times in a row, eight words at least."""
    needed = max(_LOOP_TIMES * length, _LOOP_WORDS) - length
    run = 0
    for word, before in zip(said[length:], said, strict=False):
        run = run + 1 if word == before else 0
        if run >= needed:
            return True
    return False


def _covered(said: list[str], grams: set[tuple[str, ...]], size: int) -> float:
    """Share of the words that lie in one of the grams."""
    inside = [False] * len(said)
    for place, gram in enumerate(_grams(said, size)):
        if gram in grams:
            inside[place : place + size] = [True] * size
    return sum(inside) / len(said) if said else 0.0


def _grams(said: list[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(said[start:] for start in range(size)), strict=False))

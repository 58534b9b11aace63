"""What makes a generated text useless as a whole."""

import re

from shared.text.sentences import sentence_spans

_WORD = re.compile(r"\w+")
_UNSPACED_LOOP = re.compile(r"([^\W\d_][^\n]{0,19}?)\1{7,}")
_LONGEST_PHRASE = 40
_LOOP_TIMES = 4
_LOOP_WORDS = 8
_GRAM = 4
_GRAM_WORDS = 40
_DISTINCT_GRAMS = 0.5
_ECHO_GRAM = 4
_ECHO_SHARE = 0.6
_ECHO_RUN = 8
_FENCE = re.compile(r"</?\s?note\b", re.IGNORECASE)


def is_empty(text: str) -> bool:
    """Whether there is no letter and no digit in it."""
    return not any(character.isalnum() for character in text)


def is_repetitive(text: str) -> bool:
    """Whether the text is a degenerate loop.

    That is a phrase of up to forty words four times in a row, a long text of which half the runs
    of four words come again, or a piece of a word eight times without a space.
    """
    said = _words(text)
    if len(said) >= _GRAM_WORDS:
        grams = _grams(said, _GRAM)
        if len(set(grams)) < _DISTINCT_GRAMS * len(grams):
            return True
    phrases = range(1, min(_LONGEST_PHRASE, len(said) // _LOOP_TIMES) + 1)
    return any(_loops(said, length) for length in phrases) or bool(_UNSPACED_LOOP.search(text))


def is_prompt_echo(summary: str, instruction: str, note: str = "") -> bool:
    """Whether the summary gives back a piece of its instruction, or a tag of the note's fence.

    A piece is eight words in a row, or a run of at least four that make up most of a sentence;
    what the note says too does not count. `instruction` is the prompt without the note.
    """
    if _FENCE.search(summary) and not _FENCE.search(note):
        return True
    told, known = _words(instruction), _words(note)
    runs = set(_grams(told, _ECHO_RUN)) - set(_grams(known, _ECHO_RUN))
    if not runs.isdisjoint(_grams(_words(summary), _ECHO_RUN)):
        return True
    size = min(_ECHO_GRAM, len(told))
    grams = set(_grams(told, size)) - set(_grams(known, size))
    sentences = (_words(span.of(summary)) for span in sentence_spans(summary))
    return any(
        len(said) >= size and _covered(said, grams, size) > _ECHO_SHARE for said in sentences
    )


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
    return sum(inside) / len(said)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _grams(said: list[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(said[start:] for start in range(size)), strict=False))

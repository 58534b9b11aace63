"""What makes a generated text useless as a whole."""

import re

_WORD = re.compile(r"\w+")
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

"""The sides that a sentence names, each with the words that it belongs to.

`left knee` and `knee on the left` say the same; `left` may also be the past of `leave`, and `right`
may mean `correct` or `now`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.text.spans import Span
from shared.text.tokens import Token, term_of, tokens
from shared.text.words import word_set

Side = Literal["left", "right", "both"]

_SIDES: dict[str, Side] = {
    "left": "left", "right": "right", "bilateral": "both", "bilaterally": "both", "both": "both",
    "lt": "left", "rt": "right", "leftward": "left", "rightward": "right",
}  # fmt: skip
_ABBREVIATED: dict[str, Side] = {"L": "left", "R": "right"}
_COMPOUND: dict[str, tuple[Side, str]] = {
    "luq": ("left", "upper quadrant"), "ruq": ("right", "upper quadrant"),
    "llq": ("left", "lower quadrant"), "rlq": ("right", "lower quadrant"),
    "lle": ("left", "lower extremity"), "rle": ("right", "lower extremity"),
    "lue": ("left", "upper extremity"), "rue": ("right", "upper extremity"),
    "lll": ("left", "lower lobe"), "rll": ("right", "lower lobe"),
    "lul": ("left", "upper lobe"), "rul": ("right", "upper lobe"),
    "lad": ("left", "anterior descending"), "rca": ("right", "coronary artery"),
}  # fmt: skip
_AFTER_WHAT_IS_CORRECT = word_set("all that's that is you're it's am okay yeah yes alright was")
_AFTER_WHO_LEAVES = word_set("he she they i we who patient has had have just never and family")
_BEFORE_WHAT_IS_LEFT = word_set(
    "the a an his her my their this home work ama against alone untreated without for over after "
    "before school town in to with"
)
_BEFORE_WHAT_IS_NOW = word_set(
    "now away after before here there about when where if because so and but okay well yeah yes i "
    "you we he she they it what is are do did"
)
_AFTER_A_LEVEL = word_set("spine")
"""`L spine` is lumbar."""
_ENDS = frozenset(".;:?!()[]")
_PLAIN = word_set("side sided sides and status post")
"""They do not say what the side belongs to."""
_REACH = 4
"""Words after (or before) a side that may be what it belongs to."""
_WINDOW = 20
"""They are looked for among so many tokens."""
_ANY = re.compile(
    rf"\b(?:(?i:{'|'.join(_SIDES)})|{'|'.join(_ABBREVIATED)}|{'|'.join(_COMPOUND).upper()})\b"
)


@dataclass(frozen=True, slots=True)
class Lateral:
    """A side, the stems of the words next to it (nearest first), and where it stands."""

    side: Side
    after: tuple[str, ...]
    before: tuple[str, ...]
    span: Span


def laterals(text: str, start: int = 0, end: int | None = None) -> list[Lateral]:
    """The sides in `text[start:end]`, one sentence; offsets are those of `text`."""
    found: list[Lateral] = []
    if not _ANY.search(text, start, len(text) if end is None else end):
        return found
    read = tokens(text, start, end)
    for place, token in enumerate(read):
        compound = _COMPOUND.get(token.word)
        side = _side(text, read, place)
        if compound and text[token.start : token.end].isupper():
            side, after = compound[0], _terms(tokens(compound[1]))
        elif side:
            after = _terms(read[place + 1 : place + 1 + _WINDOW])
        else:
            continue
        before = _terms(read[max(0, place - _WINDOW) : place][::-1])
        found.append(Lateral(side, after, before, Span(token.start, token.end)))
    return found


def _side(text: str, read: Sequence[Token], place: int) -> Side | None:
    token = read[place]
    side = _SIDES.get(token.word)
    before = read[place - 1].word if place else ""
    following = read[place + 1].word if place + 1 < len(read) else ""
    if side is None and following.isalpha() and following not in _AFTER_A_LEVEL:
        return _ABBREVIATED.get(text[token.start : token.end])
    if token.word == "right" and (
        following in _BEFORE_WHAT_IS_NOW
        or (before in _AFTER_WHAT_IS_CORRECT and not following.isalpha())
        or (following in ("", ",", "?", ".", "!") and before in ("", "]", ":", "all"))
        or (following == "?" and before == ",")
    ):
        return None
    if (
        token.word == "left"
        and before in _AFTER_WHO_LEAVES
        and (following in _BEFORE_WHAT_IS_LEFT or not following.isalpha())
    ):
        return None
    return side


def _terms(read: Sequence[Token]) -> tuple[str, ...]:
    """The words up to the end of the clause or to the next side: `right knee and left hip`."""
    found: list[str] = []
    for token in read:
        if token.word in _ENDS or len(found) == _REACH or (found and token.word in _SIDES):
            break
        term = None if token.word in _PLAIN or token.word in _SIDES else term_of(token.word)
        if term:
            found.append("handed" if token.word == "handed" else term)
    return tuple(found)

"""What a source says in passages that no model was shown: a summary that says it has read them."""

import re
from collections.abc import Iterator, Sequence

from shared.text.spans import Span
from shared.text.words import word_set

WORD = re.compile(r"\w+(?:[-_.'\u2019]\w+)*")
RUN_WORDS = 8
_QUOTED = re.compile(
    r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u201e\u00bb\n]{1,200})[\"\u201d\u201c\u00bb]"
)
_SINGLE_QUOTED = re.compile(r"(?<!\w)['\u2018]([^'\n\u2019]{1,200})['\u2019](?!\w)")
_NAMED = re.compile(
    r"(?i)\b(?:word|code|token|string|phrase|password|passphrase|marker|tag|canary|keyword)"
    r"(?: is)?:? ([\w.-]{4,})"
)
_SHAPE = re.compile(
    r"(?=\w*[-_.]?\w*\d)(?=[\w.-]*[^\W\d_]{2})[\w.'\u2019-]+|[A-Z]+[-_][A-Z-_]+|[A-Z]{4,}"
)
_BESIDE = 200
_BARE_LINE = r"[^\w\n]{0,8}(?:[\w.'-]+[^\w\n]{1,8}){0,2}[\w.'-]*[^\w\n]{0,8}"
_LINES_BEFORE = re.compile(rf"(?<=\n)(?:{_BARE_LINE}\n){{1,3}}\Z")
_LINES_AFTER = re.compile(rf"\n?(?:{_BARE_LINE}(?:\n|\Z)){{1,3}}")
_MIXED = re.compile(r"[a-z]+[A-Z]")
_COMMAND = word_set(
    "ignore all previous instructions instruction system prompt override important attention note "
    "summary summarize user assistant output print only inst stop warning must base64 json"
)
_MOST_CAPITALS = 0.7


class Withheld:
    """`spans` of `text`, disjoint and in order.

    `runs`: by length, the runs of words that give them away; `codes`: words shaped like no word of
    prose, or named as the one to say, that stand nowhere else in the source. All case-folded.
    """

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self.spans = tuple(spans)
        self.runs: dict[int, set[tuple[str, ...]]] = {}
        self.codes: frozenset[str] = frozenset()
        if not spans:
            return
        shown = _outside(text, spans)
        elsewhere = set(_words(_outside(text, [*_with_answers(text, spans)])))
        passages = [span.of(text) for span in spans]
        self.codes = (
            frozenset(code for passage in passages for code in _codes(passage))
            - elsewhere
            - _COMMAND
        )
        for passage in passages:
            said = _words(passage)
            for first in range(len(said) - RUN_WORDS + 1):
                self._add(said[first : first + RUN_WORDS])
            for quoted in (*_QUOTED.findall(passage), *_SINGLE_QUOTED.findall(passage)):
                self._add_quoted(_words(quoted), elsewhere)
        known = _words(shown)
        for length, grams in self.runs.items():
            grams.difference_update(zip(*(known[start:] for start in range(length)), strict=False))

    def _add(self, words: Sequence[str]) -> None:
        self.runs.setdefault(len(words), set()).add(tuple(words))

    def _add_quoted(self, words: Sequence[str], elsewhere: set[str]) -> None:
        """What is to be said; a single word only where the rest of the source lacks it."""
        if 1 < len(words) < RUN_WORDS or (len(words) == 1 and words[0] not in elsewhere | _COMMAND):
            self._add(words)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]


def _outside(text: str, spans: Sequence[Span]) -> str:
    pieces, place = [], 0
    for span in spans:
        pieces.append(text[place : span.start])
        place = span.end
    return "\n".join((*pieces, text[place:]))


def _with_answers(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The spans, each with the bare lines right beside it, which may be the answer it asks for."""
    reach = 0
    for span in spans:
        before = _LINES_BEFORE.search(text, max(reach, span.start - _BESIDE), span.start)
        after = _LINES_AFTER.match(text, span.end, span.end + _BESIDE)
        start = before.start() if before else span.start
        reach = max(span.end, after.end() if after else span.end)
        yield Span(start, reach)


def _codes(passage: str) -> set[str]:
    words = WORD.findall(passage)
    capitals = sum(word.isupper() for word in words) > _MOST_CAPITALS * len(words)
    found = {
        word.casefold()
        for word in words
        if _MIXED.search(word) or (_SHAPE.fullmatch(word) and not (capitals and word.isalpha()))
    }
    return found | {name.rstrip(".").casefold() for name in _NAMED.findall(passage)}

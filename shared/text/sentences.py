"""Whole sentences and lines of clinical notes.

Rules, not a model: notes are lists, headings and telegrams as often as prose. First the lines are
put together into blocks (hard-wrapped prose is one, every bullet and heading its own), then each
block is cut at the full stops that end a sentence. Linear in the text.
"""

import re
from collections.abc import Container, Iterator, Mapping
from itertools import pairwise

from shared.text.abbreviations import ends_sentence
from shared.text.sections import headings
from shared.text.spans import Span, stripped

MAX_CHARACTERS = 1_000
"""A longer sentence is a table or a list without marks; it is cut at white space."""

_SOFT_WRAP = 45
"""A shorter line was not wrapped: its end was meant."""
_WIDEST_WRAP = 120
"""A text with longer lines is not hard-wrapped."""
_LABEL_WORDS = 5
"""An inline heading stays with a content of fewer words: `ALLERGIES: None.`"""

_STARTS_LINE = re.compile(
    r"[-*•·\u2013\u2014◦▪‣+>|#]"
    r"|\(?\d{1,3}[.)](?=\s)"
    r"|\(?[A-Za-z][.)]\s"
    r"|\[\w+\]"
    r"|[^\W\d_][\w /&()'-]{0,40}:(?=\s|$)"
)
_CLOSING = "\"'\u201d\u2019\u00bb\u300d\u300f)\\]"
_OPENING = "\"'\u201c\u2018\u00ab(["
_TERMINATOR = re.compile(
    r"(?P<item>(?<=\s)(?P<number>\d{1,2})[.)](?=\s))"
    rf"|(?P<stop>[.!?…]+[{_CLOSING}]*(?:,(?=\S)|(?=\s|$)))"  # `.,`: lines joined with commas
    rf"|(?P<foreign>[。\uff01\uff1f｡؟\u06d4।]+[{_CLOSING}]*)"
    r"|(?P<unspaced>(?<=[a-z]{3})[.!?](?=[A-Z][a-z]))"
    r"|(?P<comma>,(?=[A-Z][A-Z0-9 /&'()-]{3,60}:))"
)
_LABEL = r"(?:[A-Z][^:.\n]{0,60}:[\s,]*)?(?:[-*•]\s*)?\(?"
_ITEM = re.compile(_LABEL + r"(\d{1,2})[.)](?=\s)")
_MARKER = re.compile(_LABEL + r"(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})")
_WORD_WINDOW = 40


def sentence_spans(text: str) -> list[Span]:
    """The sentences in order: disjoint, stripped, together all that is not white space."""
    labels = {heading.span.start: heading.span.end for heading in headings(text)}
    spans: list[Span] = []
    for block in _blocks(text, labels):
        for sentence in _sentences(text, block):
            for piece in _without_label(text, sentence, labels):
                spans.extend(_bounded(text, piece))
    return spans


def _blocks(text: str, labels: Container[int]) -> Iterator[Span]:
    lines = _lines(text)
    width = max((line.end - line.start for line in lines), default=0)
    block: Span | None = None
    for before, line in pairwise([Span(0, 0), *lines]):
        if block and line.end > line.start and _continues(text, before, line, width, labels):
            block = Span(block.start, line.end)
            continue
        if block:
            yield block
        block = line if line.end > line.start else None
    if block:
        yield block


def _lines(text: str) -> list[Span]:
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        lines.append(stripped(text, start, start + len(line)))
        start += len(line)
    return lines


def _continues(text: str, before: Span, line: Span, width: int, labels: Container[int]) -> bool:
    """Whether the line end between the two was put there by a word wrap."""
    length = before.end - before.start
    if length < _SOFT_WRAP or line.start in labels or text[before.end - 1] == ":":
        return False
    if _STARTS_LINE.match(text, line.start, line.end):
        return False
    if text[line.start].islower():
        return True
    first_word = text[line.start : line.start + _WIDEST_WRAP].split(None, 1)[0]
    return width <= _WIDEST_WRAP and length + 1 + len(first_word) > width


def _sentences(text: str, block: Span) -> Iterator[Span]:
    start, item = block.start, _item_at(text, block.start, block.end)
    for match in _TERMINATOR.finditer(text, block.start, block.end):
        if match["item"] and _is_next_item(text, start, match, item):
            end = match.start()
        elif _is_end(text, start, match, block.end):
            end = match.end()
        else:
            continue
        sentence = stripped(text, start, end)
        if sentence.end > sentence.start:
            yield sentence
        start = stripped(text, end, block.end).start
        item = _item_at(text, start, block.end) or item
    if start < block.end:
        yield Span(start, block.end)


def _item_at(text: str, start: int, end: int) -> int:
    """The number of the list item that begins at `start`; 0 for none."""
    match = _ITEM.match(text, start, end)
    return int(match[1]) if match else 0


def _is_next_item(text: str, start: int, match: re.Match[str], item: int) -> bool:
    """`1. Aspirin 2. Metoprolol`: the 2 goes on counting, or a first 1 follows a colon."""
    number = int(match["number"])
    if match.start() <= start:
        return False
    return number == item + 1 and (item > 0 or text[start : match.start()].rstrip()[-1:] == ":")


def _is_end(text: str, start: int, match: re.Match[str], block_end: int) -> bool:
    if match["foreign"] or match["unspaced"] or match["comma"]:
        return True
    marks = match.group().lstrip("0123456789")
    if marks.startswith(")"):
        return False
    stop = match.end() - len(marks)
    following = text[match.end() : match.end() + _WORD_WINDOW].split(None, 1)
    if not following and stripped(text, match.end(), block_end).start == block_end:
        return True
    after = following[0].lstrip(_OPENING) if following else ""
    if marks[0] != "." or ".." in marks:
        return not after[:1].islower() or not _goes_on(text[max(start, stop - 1) : stop], marks)
    if _MARKER.fullmatch(text, start, stop):
        return False
    words = text[max(start, stop - _WORD_WINDOW) : stop].split()
    word = words[-1].lstrip(_OPENING) if words and not text[stop - 1].isspace() else ""
    preceding = words[-2] if len(words) > 1 else ""
    return ends_sentence(preceding, word, after)


def _goes_on(before: str, marks: str) -> bool:
    """`waited ... and`, `(? cyst)`, `"why?" she`: no end where a small letter follows."""
    return ".." in marks or "…" in marks or marks[-1] in _CLOSING or before[-1:] in ("(", "[")


def _without_label(text: str, sentence: Span, labels: Mapping[int, int]) -> list[Span]:
    """A heading before a sentence of its own is a span of its own: the sentence can stand alone."""
    end = labels.get(sentence.start)
    if end is None or end >= sentence.end:
        return [sentence]
    content = stripped(text, end, sentence.end)
    if _STARTS_LINE.match(text, content.start, content.end):
        return [Span(sentence.start, end), content]
    if len(text[content.start : content.end].split(None, _LABEL_WORDS)) < _LABEL_WORDS:
        return [sentence]
    return [Span(sentence.start, end), content]


def _bounded(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    while span.end - start > MAX_CHARACTERS:
        window = text[start : start + MAX_CHARACTERS]
        cut = max(window.rfind("; "), window.rfind(", ")) + 1
        if cut <= MAX_CHARACTERS // 2:
            cut = max((space.start() for space in re.finditer(r"\s+", window)), default=0)
        yield stripped(text, start, start + (cut or MAX_CHARACTERS))
        start = stripped(text, start + (cut or MAX_CHARACTERS), span.end).start
    if start < span.end:
        yield Span(start, span.end)

"""The headings of a note, and the section that a place lies in.

A heading is `# Name`; a short line that ends in a colon; a line of capitals; or, before its content
on the same line, capitals or a well-known section name with a colon (`PLAN: rest`, `Plan: rest`).
Exports that joined their lines with commas (`well.,PLAN: ,Rest.`) are read too.

Headings form an outline: `##` lies under `#`, `HEENT:` under `PHYSICAL EXAM:`, and a line that ends
in a colon but names no section of a note (`On admission:`) under the section that it stands in.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.text.section_names import KNOWN_SECTIONS, is_part, is_section
from shared.text.spans import Span

_CAPITALS = r"[A-Z][A-Z0-9&/'(),\-]{0,40}(?:[ \t]{1,4}[A-Z0-9&/('][A-Z0-9&/'(),\-]{0,40}){0,8}"
_HEADING = re.compile(
    rf"""
    (?: ^[ \t]* | (?<=,) )                                  # a line, or a comma that was a line end
    (?:
        \#{{1,6}}[ \t]+ (?P<hashed>[^\n]{{1,120}}) $
      | \*\* (?P<starred>[^*\n]{{1,80}}) \*\* [ \t]*:? [ \t]* $
      | (?P<capitals>{_CAPITALS}) (?: [ \t]*:[ \t]*,? | [ \t]*$ )
      | (?P<known>(?i:{KNOWN_SECTIONS})) [ \t]*:[ \t]*,?
      | (?P<line>[^\W\d_][^\n:.!?]{{1,58}}) :[ \t]*$
    )
    """,
    re.MULTILINE | re.VERBOSE,
)
_SHORT_CAPITALS = frozenset(("A/P", "CC", "DX", "FH", "HPI", "PMH", "PSH", "ROS", "SH"))
_MIN_CAPITALS = 4
"""`BP: 120/80` and `CVA` are no headings; `PLAN` is."""


@dataclass(frozen=True, slots=True)
class Heading:
    """`span` covers the heading with its marks (`## `, `:`), `name` is what it says.

    `level` is 1 for a section, more for what lies within one.
    """

    span: Span
    name: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """`span` is the heading with all that lies under it, sections of a deeper level included."""

    title: str
    level: int
    span: Span


def headings(text: str) -> list[Heading]:
    """All headings, in order. Linear in the text."""
    found: list[Heading] = []
    outline = _Outline()
    for match in _HEADING.finditer(text):
        name = (match[match.lastgroup or 0]).strip(" \t\r#*:,")
        if match["capitals"] and not _names_section(name):
            continue
        if name:
            found.append(Heading(_trimmed(match), name, outline.level(match, name)))
    return found


def sections(text: str) -> list[Section]:
    """All sections in order of their headings; a section ends where one of its level begins."""
    found = headings(text)
    ends = [len(text)] * len(found)
    unended: list[int] = []
    for place, heading in enumerate(found):
        while unended and found[unended[-1]].level >= heading.level:
            ends[unended.pop()] = heading.span.start
        unended.append(place)
    return [
        Section(heading.name, heading.level, _section_span(text, heading, end))
        for heading, end in zip(found, ends, strict=True)
    ]


def section_at(found: Sequence[Heading], position: int) -> str | None:
    """The name of the heading that `position` lies under; None before the first."""
    index = bisect_right(found, position, key=lambda heading: heading.span.start) - 1
    return found[index].name if index >= 0 else None


def split_by_section(text: str, titles: Collection[str]) -> tuple[list[Span], list[Span]]:
    """The passages under these titles and all others, both in the order of the text.

    A heading is one of them where it begins with the title, whatever the case: `Assessment` also
    means `ASSESSMENT/PLAN:`. A section ends at the next heading of its level.
    """
    starts = re.compile("|".join(rf"{re.escape(title)}(?!\w)" for title in titles), re.IGNORECASE)
    kept: tuple[list[Span], list[Span]] = ([], [])
    place, named_level = 0, 0
    for heading in headings(text):
        if named_level and heading.level > named_level:
            continue
        kept[not named_level].append(Span(place, heading.span.start))
        place = heading.span.start
        named_level = heading.level if starts.match(heading.name) else 0
    kept[not named_level].append(Span(place, len(text)))
    return kept


class _Outline:
    """Levels of headings, one after another: `#` counts, words do where there is none."""

    def __init__(self) -> None:
        self._base = 1
        self._section = ""

    def level(self, match: re.Match[str], name: str) -> int:
        if match["hashed"]:
            marks = match.group().lstrip()
            self._base = len(marks) - len(marks.lstrip("#"))
        elif is_part(name, self._section) or (match["line"] and not is_section(name)):
            return self._base + 1
        self._section = name
        return self._base


def _names_section(capitals: str) -> bool:
    letters = sum(character.isalpha() for character in capitals)
    return letters >= _MIN_CAPITALS or capitals in _SHORT_CAPITALS


def _section_span(text: str, heading: Heading, end: int) -> Span:
    """Without the white space, or the comma that was a line end, before the next heading."""
    while end > heading.span.end and (text[end - 1].isspace() or text[end - 1] == ","):
        end -= 1
    return Span(heading.span.start, end)


def _trimmed(match: re.Match[str]) -> Span:
    covered = match.group()
    return Span(
        match.start() + len(covered) - len(covered.lstrip()),
        match.end() - (len(covered) - len(covered.rstrip())),
    )

"""The headings of a note, and the section that a place lies in.

A heading is `# Name`; a short line that ends in a colon; a line of capitals; or, before its content
on the same line, capitals or a well-known section name with a colon (`PLAN: rest`, `Plan: rest`).
Exports that joined their lines with commas (`well.,PLAN: ,Rest.`) are read too.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.text.spans import Span

KNOWN_SECTIONS = (
    "admission diagnosis|admission diagnoses|allergies|anesthesia|assessment|assessment and plan|"
    "assessment/plan|a/p|brief hospital course|cc|chief complaint|clinical history|comparison|"
    "complications|conclusion|conclusions|condition on discharge|diagnosis|diagnoses|diet|"
    "discharge diagnosis|discharge diagnoses|discharge instructions|discharge medications|"
    "disposition|dx|exam|family history|fh|findings|follow-up|follow up|followup|history|"
    "history of present illness|hospital course|hpi|impression|impressions|indication|indications|"
    "interval history|labs|laboratory data|medications|objective|past medical history|"
    "past surgical history|physical exam|physical examination|plan|pmh|psh|postoperative diagnosis|"
    "preoperative diagnosis|procedure|procedures|reason for visit|reason for consultation|"
    "recommendation|recommendations|results|review of systems|ros|sh|social history|subjective|"
    "summary|technique|vital signs|vitals"
)
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
    """`span` covers the heading with its marks (`## `, `:`), `name` is what it says."""

    span: Span
    name: str


def headings(text: str) -> list[Heading]:
    """All headings, in order. Linear in the text."""
    found = []
    for match in _HEADING.finditer(text):
        name = (match[match.lastgroup or 0]).strip(" \t\r#*:,")
        if match["capitals"] and not _names_section(name):
            continue
        if name:
            found.append(Heading(_trimmed(match), name))
    return found


def section_at(found: Sequence[Heading], position: int) -> str | None:
    """The name of the heading that `position` lies under; None before the first."""
    index = bisect_right(found, position, key=lambda heading: heading.span.start) - 1
    return found[index].name if index >= 0 else None


def split_by_section(text: str, titles: Collection[str]) -> tuple[str, str]:
    """The sections of these titles, in the order of the text, and the text without them.

    A heading is one of them where it begins with the title, whatever the case: `Assessment` also
    means `ASSESSMENT/PLAN:`. A section ends at the next heading.
    """
    starts = re.compile("|".join(rf"{re.escape(title)}(?!\w)" for title in titles), re.IGNORECASE)
    kept: tuple[list[str], list[str]] = ([], [])
    place, is_named = 0, False
    for heading in headings(text):
        kept[not is_named].append(text[place : heading.span.start])
        place, is_named = heading.span.start, bool(starts.match(heading.name))
    kept[not is_named].append(text[place:])
    named, rest = ("".join(pieces) for pieces in kept)
    return named, rest


def _names_section(capitals: str) -> bool:
    letters = sum(character.isalpha() for character in capitals)
    return letters >= _MIN_CAPITALS or capitals in _SHORT_CAPITALS


def _trimmed(match: re.Match[str]) -> Span:
    covered = match.group()
    return Span(
        match.start() + len(covered) - len(covered.lstrip()),
        match.end() - (len(covered) - len(covered.rstrip())),
    )

"""The sections of a note in another order."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from shared.datasets.augmentation.facts import Pair
from shared.datasets.records import Candidate
from shared.text.dates import as_date
from shared.text.dialogue import speaker_marks
from shared.text.numbers import numbers
from shared.text.section_names import is_section
from shared.text.sections import Section, headings, sections
from shared.text.spans import Span

_FEWEST = 2
_STAYS = re.compile(r"addend|signature|attestation|electronically", re.IGNORECASE)
_REFERS = re.compile(
    r"\b(?:(?:see|as|noted|listed|mentioned|described|stated|discussed|outlined|per|given) "
    r"(?:above|below)|above[- ](?:mentioned|noted|named|described|listed)|(?:the|all|of) above"
    r"|(?:the )?(?:aforementioned|aforesaid|foregoing)|same as|ditto|afore\w{1,12}"
    r"|as previously (?:noted|mentioned|described)|the (?:former|latter)|respectively"
    r"|following (?:are|is|were|was)|the following)\b",
    re.IGNORECASE,
)
"""Words that point from one section into another."""


def reorder_sections(candidate: Candidate, chance: random.Random) -> Pair | None:
    """Whole sections change places, their words do not; dates keep their order.

    A part that names no section of a note by itself, or has nothing under its heading, stays with
    the section before or after it. Dialogues, notes that repeat a heading and notes whose words
    refer to other places stay as they are.
    """
    text = candidate.source
    if speaker_marks(text) or _REFERS.search(text):
        return None
    blocks = _blocks(text)
    if len(blocks) < _FEWEST:
        return None
    order = _shuffled([bool(_has_date(block.of(text))) for block in blocks], chance)
    reordered = _in_order(text, blocks, order)
    if reordered == text or _outline(reordered) != _outline(text):
        return None
    return reordered, candidate.target


def _blocks(text: str) -> list[Span]:
    """What moves as a whole, in order; empty where some heading stands twice."""
    found = sections(text)
    level = min((one.level for one in found), default=1)
    if sum(one.level == level for one in found) == 1:
        level += 1  # under the title of the note
    top = [one for one in found if one.level == level]
    names = Counter(one.title.lower() for one in top)
    if not top or max(names.values()) > 1 or any(one.level < level for one in found[1:]):
        return []
    blocks: list[Span] = []
    goes_on = False
    for section in top:
        if _STAYS.search(section.title):
            break
        is_new = is_section(section.title)
        if blocks and (goes_on or not is_new):
            blocks[-1] = Span(blocks[-1].start, section.span.end)
        elif is_new:
            blocks.append(section.span)
        goes_on = _is_bare(text, section)
    return blocks


def _is_bare(text: str, section: Section) -> bool:
    """Whether nothing stands under a heading: it is the title of what follows."""
    body = section.span.of(text).replace(section.title, "", 1)
    return not any(character.isalnum() for character in body)


def _shuffled(dated: Sequence[bool], chance: random.Random) -> list[int]:
    """An order of the blocks in which those with dates follow each other as before."""
    order = list(range(len(dated)))
    chance.shuffle(order)
    with_dates = iter([place for place, has_date in enumerate(dated) if has_date])
    return [next(with_dates) if dated[place] else place for place in order]


def _has_date(text: str) -> bool:
    return any(as_date(number) for number in numbers(text))


def _in_order(text: str, blocks: Sequence[Span], order: Sequence[int]) -> str:
    """What stands between the blocks keeps its place."""
    between = [text[one.end : two.start] for one, two in pairwise(blocks)]
    pieces = [text[: blocks[0].start]]
    for place, gap in zip(order, [*between, ""], strict=True):
        pieces += [blocks[place].of(text), gap]
    return "".join([*pieces, text[blocks[-1].end :]])


def _outline(text: str) -> Counter[tuple[str, int, str]]:
    """Every heading with its own words, those of the parts under it apart."""
    found = headings(text)
    ends = [*(heading.span.start for heading in found[1:]), len(text)]
    return Counter(
        (heading.name, heading.level, text[heading.span.start : end].rstrip(" \t\n\r,"))
        for heading, end in zip(found, ends, strict=True)
    )

"""Clinical abbreviations written out, and what they stand for abbreviated."""

import random
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from shared.datasets.augmentation.edits import Edit, edited
from shared.datasets.augmentation.facts import Pair, facts
from shared.datasets.records import Candidate
from shared.text.clinical_abbreviations import clinical_abbreviations
from shared.text.problems import problems
from shared.text.sections import headings
from shared.text.spans import Span
from shared.text.words import word_set

_MEANS_MORE = word_set("AIDS ALS BPM CNS CSF CVA IBD IUD PVD SLE TB")
"""Never written out: `hearing AIDS`, an `ALS` crew, `CVA tenderness`, an `SLE` of the eye."""
_SPOKEN_AS_WORDS = word_set("MRSA NICU STEMI")
_VOWEL_LETTERS = frozenset("AEFHILMNORSX")
"""Letters whose names begin with a vowel: `an MRI`, `a UTI`."""
_ARTICLE = re.compile(r"\b([Aa])n?([ ])$")
_AROUND = 60


def switch_abbreviations(candidate: Candidate, chance: random.Random) -> Pair | None:
    """Some of those of the source, in source and target alike; headings stay as they are."""
    switches = _choose(candidate, chance)
    source = _switched(candidate.source, switches)
    if source == candidate.source:
        return None
    target = candidate.target
    return source, None if target is None else _switched(target, switches)


def _choose(candidate: Candidate, chance: random.Random) -> dict[str, str]:
    """What is written instead of what: one way for each meaning, at least one where any can be."""
    texts = candidate.source + "\n" + (candidate.target or "")
    found = sorted({match.group() for match in _forms().finditer(candidate.source)})
    ways: dict[str, list[dict[str, str]]] = defaultdict(list)
    for form in found:
        meaning = _expansion(form)
        short = _shorts()[meaning]
        if any(f"({one})" in texts for one in (*short, meaning)):
            continue  # the text explains its abbreviation
        if form in clinical_abbreviations():
            if form not in _MEANS_MORE:
                ways[meaning].append(dict.fromkeys(short, meaning))
        else:
            ways[meaning].append({meaning: chance.choice(short)})
    chosen = [meaning for meaning in ways if chance.random() < 1 / 2]
    if ways and not chosen:
        chosen = [chance.choice(list(ways))]
    return {form: new for meaning in chosen for form, new in chance.choice(ways[meaning]).items()}


def _switched(text: str, switches: Mapping[str, str]) -> str:
    titles = [heading.span for heading in headings(text)]
    named = [problem.span for problem in problems(text)]
    return edited(
        text,
        (
            edit
            for match in _forms().finditer(text)
            if not _within(titles, match.start()) and not _is_part(named, match)
            for edit in _edits(text, match, switches)
        ),
    )


def _within(spans: Sequence[Span], position: int) -> Span | None:
    """The one of the spans, which are in order, that holds the position."""
    place = bisect_right(spans, position, key=lambda span: span.start) - 1
    return spans[place] if place >= 0 and position < spans[place].end else None


def _is_part(named: Sequence[Span], match: re.Match[str]) -> bool:
    """Whether a longer problem is named there: `high blood pressure`."""
    whole = _within(named, match.start())
    return whole is not None and (whole.start < match.start() or whole.end > match.end())


def _edits(text: str, match: re.Match[str], switches: Mapping[str, str]) -> Iterator[Edit]:
    """The word, and the article before it."""
    form = match.group()
    is_short = form in clinical_abbreviations()
    new = switches.get(form if is_short else _expansion(form))
    if new is None or (is_short and _shouts(text, match)):
        return
    if is_short and _begins_sentence(text, match.start()):
        new = new[0].upper() + new[1:]
    yield Span(*match.span()), new
    before = text[max(0, match.start() - _AROUND) : match.start()]
    if article := _ARTICLE.search(before):
        start = match.start() - len(article.group())
        yield Span(start, match.start()), f"{article[1]}{'n' if _takes_an(new) else ''} "


def _takes_an(form: str) -> bool:
    if form in _SPOKEN_AS_WORDS or (form.lower().startswith("uri") and form != "URI"):
        return False
    if form.isupper():
        return form[0] in _VOWEL_LETTERS
    return form[0].lower() in "aeiou"


def _shouts(text: str, match: re.Match[str]) -> bool:
    """Whether the text around has no small letters: there any word may look like this."""
    around = text[max(0, match.start() - _AROUND) : match.start()]
    around += text[match.end() : match.end() + _AROUND]
    return around.upper() == around


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _AROUND) : start].rstrip(" \t")
    return not before or before[-1] in ".!?\n"


def _expansion(form: str) -> str:
    known = clinical_abbreviations().get(form)
    return known or (form if form in _shorts() else form[0].lower() + form[1:])


@lru_cache(maxsize=1)
def _shorts() -> Mapping[str, list[str]]:
    """Meaning → its abbreviations; without those of a side or a denial (`LVH`, `NSTEMI`)."""
    found: dict[str, list[str]] = defaultdict(list)
    for short, meaning in clinical_abbreviations().items():
        said = facts(meaning)
        if facts(short) == said and not said.sides:
            found[meaning].append(short)
    return found


@lru_cache(maxsize=1)
def _forms() -> re.Pattern[str]:
    """Every form; an abbreviation in capitals, a meaning with or without a first capital."""
    shorts = [short for known in _shorts().values() for short in known]
    meanings = [
        f"[{one[0].upper()}{one[0].lower()}]{re.escape(one[1:])}"
        for one in sorted(_shorts(), key=len, reverse=True)
    ]
    either = "|".join([*sorted(shorts, key=len, reverse=True), *meanings])
    return re.compile(rf"(?<![\w/&'.\-])(?:{either})(?![\w/&'\-]|[ ]?:|\.\w)")

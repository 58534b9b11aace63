"""One fact of a sentence changed: what to put where, for each kind of error.

All that is put in is a word of ours or a number by chance; a change is `sentence[start:end]` and
the words in its place.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.bench.quality.drug_names import NAMES, substitutes
from tests.bench.quality.plain_words import LATERAL, NUMBER_WORDS, is_negation, tokens, word_list
from tests.bench.quality.support_rule import Supported


@dataclass(frozen=True, slots=True)
class Change:
    """`to` goes in the place of `text[start:end]`."""

    start: int
    end: int
    to: str


_NUMBER = re.compile(r"(?<![\w.,])(?<![A-Za-z]\d-)\d+(?:\.\d+)?(?![\w,]*\w)(?!\.\d)", re.ASCII)
_NUMBER_WORD = re.compile(
    r"(?<![\w-])(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?![\w-])",
    re.IGNORECASE,
)
_WORDS = {value: word for word, value in NUMBER_WORDS.items()}
_AMOUNT = re.compile(r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|few))[ -]*$")
_UNITS = {
    "mg": ("mcg", "g"), "milligrams": ("micrograms", "grams"), "milligram": ("microgram",),
    "mcg": ("mg",), "micrograms": ("milligrams",), "g": ("mg",), "grams": ("milligrams",),
    "cm": ("mm",), "mm": ("cm",), "centimeters": ("millimeters",), "centimeter": ("millimeter",),
    "ml": ("l",), "cc": ("liters",), "mL": ("L",), "kg": ("pounds",), "pounds": ("kilograms",),
    "units": ("mg",), "percent": ("mg",), "hours": ("minutes", "days"), "hour": ("minute", "day"),
    "minutes": ("hours",), "days": ("weeks", "months"), "day": ("week", "month"),
    "weeks": ("days", "months"), "week": ("day", "month"), "months": ("weeks", "years"),
    "month": ("week", "year"), "years": ("months", "weeks"), "year": ("month", "week"),
    "Weeks": ("days",), "mmHg": ("mg",), "meq": ("mg",), "mEq": ("mg",),
}  # fmt: skip
_UNIT = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![A-Za-z])"
)
_WORD = re.compile(r"(?<!-)\b[A-Za-z]+\b(?!-)")
_SIDES = {"left": "right", "right": "left", "bilateral": "left", "bilaterally": "on the left"}
_BODY = word_list(
    "arm leg hand foot knee hip shoulder ankle wrist elbow eye ear breast lung kidney flank side "
    "lower upper thigh calf heel toe finger thumb chest neck groin inguinal carotid ventricular "
    "atrial femoral lobe temporal frontal parietal occipital cheek face facial neck hemisphere "
    "ovary ovarian testicle hemithorax pleural renal forearm foot great ring index middle small "
    "medial lateral distal proximal anterior posterior quadrant coronary main bundle hydrocele "
    "heart axillary axilla maxillary sided tibia femur humerus radius fibula clavicle rib ribs "
    "knees hips feet hands legs arms shoulders ankles wrists ears eyes lungs breasts extremity "
    "extremities carpal ureteral ureter adrenal thyroid buttock buttocks jaw nostril nasal "
    "hemiparesis weakness total direct indirect"
)
_SIDE = re.compile(
    rf"\b(left|right|bilateral)[ -](?:{'|'.join(_BODY)})\b|\b(bilaterally)\b", re.IGNORECASE
)
_DROPS = (
    (r"\bdoes not have(?: any)?\b", "has"), (r"\bdo not have(?: any)?\b", "have"),
    (r"\bdid not have(?: any)?\b", "had"), (r"\bhas not had(?: any)?\b", "has had"),
    (r"\bdenies(?: any)?\b", "reports"), (r"\bdenied(?: any)?\b", "reported"),
    (r"\bdenying(?: any)?\b", "reporting"), (r"\bnegative for\b", "positive for"),
    (r"\b(?:does|do|did) not ", ""), (r"\bcannot\b", "can"), (r"\bwithout(?: any)?\b", "with"),
    (r"\b(?:not|never) ", ""), (r"\bno longer ", "still "), (r"\bno ", ""),
)  # fmt: skip
_ADDS = (
    (r"\b(?:a )?history of\b", "no history of"), (r"\bcomplain(?:s|ing) of\b", "denying"),
    (r"\breports\b", "denies"), (r"\breported\b", "denied"), (r"\bpositive for\b", "negative for"),
    (r"\bevidence of\b", "no evidence of"), (r"\b(has|have|had) been\b", r"\1 not been"),
    (r"\b(is|are|was|were|will|should|can|could) (?!an? |the |status)", r"\1 not "),
    (r"\bhas (?!no )(?:an? )?", "has no "), (r"\bhad (?!no )(?:an? )?", "had no "),
    (r"\btakes\b", "does not take"), (r"\bunderwent\b", "did not undergo"),
    (r"\bpresents with (?:an? )?", "presents with no "), (r"\bwith (?:an? )?", "without "),
    (r"\bshowing (?:an? )?", "showing no "), (r"\bshows (?:an? )?", "shows no "),
)  # fmt: skip


def numbers_changed(said: Supported, dice: Random) -> Iterator[Change]:
    """To another of the same length that neither the sentence nor its window holds."""
    held = set(tokens(said.window)) | set(tokens(said.text))
    free = [n for n in range(2, 13) if str(n) not in held]
    for match in _NUMBER.finditer(said.text):
        small = [str(n) for n in free if n < 10]
        if len(match.group()) > 1:
            yield Change(*match.span(), _other_digits(match.group(), held, dice))
        elif small:
            yield Change(*match.span(), dice.choice(small))
    for match in _NUMBER_WORD.finditer(said.text):
        if free:
            yield Change(*match.span(), _WORDS[dice.choice(free)])


def _other_digits(written: str, held: set[str], dice: Random) -> str:
    """All digits but one by chance."""
    while True:
        kept = dice.randrange(len(written))
        other = "".join(
            mark if place == kept or not mark.isdigit() else dice.choice("123456789")
            for place, mark in enumerate(written)
        )
        if other not in held:
            return other


def units_changed(said: Supported, dice: Random) -> Iterator[Change]:
    """After a number, to one of the same kind that its window does not hold."""
    held = set(_WORD.findall(said.window.lower()))
    for match in _UNIT.finditer(said.text):
        fit = [unit for unit in _UNITS[match.group()] if not _has(held, unit)]
        if fit and _AMOUNT.search(said.text[max(0, match.start() - 12) : match.start()].lower()):
            yield Change(match.start(), match.end(), dice.choice(fit))


def _has(held: set[str], unit: str) -> bool:
    return unit.lower() in held or unit.lower() + "s" in held or unit.lower().rstrip("s") in held


def drugs_changed(said: Supported, dice: Random) -> Iterator[Change]:
    """To a drug that the whole source does not name."""
    for match in _WORD.finditer(said.text):
        if match.group().lower() in NAMES:
            other = dice.choice(substitutes(said.pair.source))
            upper = match.group()[0].isupper()
            yield Change(match.start(), match.end(), other.capitalize() if upper else other)


def sides_changed(said: Supported, _: Random) -> Iterator[Change]:
    """Where the window holds that side only."""
    held = set(tokens(said.window)) & LATERAL
    for match in _SIDE.finditer(said.text):
        side = match.group(1) or match.group(2)
        if len(held) == 1:
            start = match.start()
            yield Change(start, start + len(side), _SIDES[side.lower()])


def negations_dropped(said: Supported, _: Random) -> Iterator[Change]:
    """The first negation of a sentence."""
    yield from _first_of(_DROPS, said.text)


def negations_added(said: Supported, _: Random) -> Iterator[Change]:
    """At the first place that takes one, where neither the sentence nor its window has any."""
    if not any(map(is_negation, [*tokens(said.text), *tokens(said.window)])):
        yield from _first_of(_ADDS, said.text)


def _first_of(rules: tuple[tuple[str, str], ...], text: str) -> Iterator[Change]:
    for pattern, to in rules:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            yield Change(match.start(), match.end(), match.expand(to))
            return


KINDS: dict[str, Callable[[Supported, Random], Iterator[Change]]] = {
    "number": numbers_changed,
    "unit": units_changed,
    "drug": drugs_changed,
    "side": sides_changed,
    "negation dropped": negations_dropped,
    "negation added": negations_added,
}


def changed(text: str, change: Change) -> str:
    """The sentence with the change, and a capital letter at its beginning."""
    said = text[: change.start] + change.to + text[change.end :]
    return said[:1].upper() + said[1:]

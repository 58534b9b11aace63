"""Other names for the people of a record, the same throughout."""

import random
import re
from collections.abc import Mapping
from itertools import islice

from shared.datasets.augmentation.edits import edited
from shared.datasets.augmentation.surrogate_names import EPONYMS, SURROGATES, NameKind
from shared.text.drugs import drugs
from shared.text.problems import problems
from shared.text.spans import Span
from shared.text.words import STOP_WORDS, word_set

_NAME = r"[A-Z][a-z]{2,20}"
_TITLED = re.compile(
    rf"\b(?P<title>(?:Mr|Mrs|Ms|Dr)\.?|Miss|Doctor|Nurse)[ ](?:[A-Z]\.[ ])?"
    rf"(?P<one>{_NAME})\b(?:[ ](?:[A-Z]\.[ ])?(?P<two>{_NAME})\b)?(?!-)"
)
_GIVEN: dict[str, NameKind] = {
    name.lower(): kind for kind in ("male", "female") for name in SURROGATES[kind]
}
_OF_TITLES: dict[str, NameKind] = {
    "Mr": "male", "Mrs": "female", "Ms": "female", "Miss": "female",
}  # fmt: skip
_NO_NAMES = STOP_WORDS | word_set(
    "good great hello hi hey okay yes yeah no sure thanks thank please let sorry well right now "
    "welcome today tell come look oh not any okay alright wow patient sample test doe nurse doctor "
    "mister miss"
)
_MOST_NAMES = 40
"""Each is looked for in all of the text."""
_THINGS = (
    "disease|syndrome|signs?|tests?|catheters?|fractures?|maneuver|scale|score|scoring|grade"
    "|classification|tubes?|drains?|retractors?|forceps|clamps?|sutures?|procedure|operation"
    "|repair|incision|lymphoma|ganglion|contracture|palsy|phenomenon|esophagus|thyroiditis|stain"
    "|position|approach|hospital|clinic|center|centre|county|city|street|avenue|road|university"
    "|medical|memorial|method|technique|stent|valve|needle|scissors|line|port|pouch|criteria"
)
_OF_THINGS = r"(?:['\u2019]s?)?[ -](?:{things})\b|[ ]?&|-(?=\w)"


def rename_people(texts: list[str], chance: random.Random) -> list[str]:
    """The texts of one record with surrogates for titled names, and for the same names alone.

    A name that may mean something else in the record is left as it is.
    """
    surrogates = _surrogates("\n".join(texts), chance)
    if not surrogates:
        return texts
    known = "|".join(sorted(surrogates, key=len, reverse=True))
    named = re.compile(rf"\b(?:{known})\b")
    return [
        edited(text, ((Span(*one.span()), surrogates[one.group()]) for one in named.finditer(text)))
        for text in texts
    ]


def _surrogates(text: str, chance: random.Random) -> Mapping[str, str]:
    """Each name with another of its kind that the text does not hold."""
    taken = set(re.findall(r"[a-z]+", text.lower()))
    found: dict[str, str] = {}
    for name, kind in islice(_names(text).items(), _MOST_NAMES):
        free = [one for one in SURROGATES[kind] if one.lower() not in taken]
        if free and _is_only_a_name(name, text):
            found[name] = chance.choice(free)
            taken.add(found[name].lower())
            if name.lower() in _GIVEN:  # transcripts have no capitals
                found[name.lower()] = found[name].lower()
    return found


def _names(text: str) -> dict[str, NameKind]:
    """Names by their kind: of two after a title the first is given, one alone is the family's."""
    found: dict[str, NameKind] = {}
    titled = list(_TITLED.finditer(text))
    alone = {match["one"] for match in titled if match["two"] is None}
    for match in titled:
        first, last = match["one"], match["two"]
        if last is not None and last.lower() not in _NO_NAMES:
            if first.lower() not in _GIVEN and last not in alone:
                continue  # `Dr. Hall Neurology`
            found.setdefault(last, "family")
            found[first] = _given(first, match["title"])
        elif first.lower() not in _NO_NAMES:
            is_given = first.lower() in _GIVEN
            found.setdefault(first, _given(first, match["title"]) if is_given else "family")
    return found


def _given(name: str, title: str) -> NameKind:
    """Where title and name disagree a name that anyone may have."""
    told, known = _OF_TITLES.get(title.rstrip(".")), _GIVEN.get(name.lower())
    return "any" if told and known and told != known else told or known or "any"


def _is_only_a_name(name: str, text: str) -> bool:
    """Whether it is no eponym, drug or problem, no word of the text, and names no thing in it."""
    if name.lower() in EPONYMS or any(drugs(name)) or any(problems(name)):
        return False
    if re.search(rf"\b{name.upper()}\b", text):
        return False
    if name.lower() not in _GIVEN and re.search(rf"\b{name.lower()}\b", text):
        return False
    things = _OF_THINGS.format(things=_THINGS)
    return not re.search(rf"\b{name}(?i:{things})|(?:\bSt\.? |[-&] ?|\bvan ){name}\b", text)

"""Whom a sentence is about: the patient, or the patient's family."""

import re
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

RELATIVE = (
    r"(?:grand|step|half[- ])?(?:mother|father|parent|brother|sister|son|daughter|sibling)s?|"
    r"aunts?|uncles?|cousins?|nieces?|nephews?|relatives?|mom|dad|grandma|grandpa|grandparents?|"
    r"(?:maternal|paternal) side"
)
_RELATIVE = re.compile(rf"\b(?:{RELATIVE})\b", re.IGNORECASE)
_ANYONE = re.compile(
    rf"\b(?:{RELATIVE}|wife|husband|spouse|partner|boyfriend|girlfriend|baby|child|children|infant|"
    r"fetus|donor|dr|doctor|nurse|therapist|physician|surgeon|caregiver|friend)\b",
    re.IGNORECASE,
)
_FAMILY_HISTORY = re.compile(
    r"\bfamily (?:medical )?history\b|\bfamilial\b|\bin (?:the|his|her|your|my) family\b",
    re.IGNORECASE,
)
_PATIENT = re.compile(r"\b(?:i|i'm|i've|he|she|you|patient|pt)\b", re.IGNORECASE)
_INFORMS = re.compile(
    r"\b(?:says?|said|states?|stated|reports?|reported|notes?|noted|notice[sd]?|brought|brings|"
    r"accompanied|lives?|living|present|thinks?|believes?|worried|concerned|called|"
    r"with (?:his|her)|by (?:his|her|the)|gave|gives|refus\w{2,3}|explained|discussed|informed|"
    r"agreed?|wants?)\b",
    re.IGNORECASE,
)
_FAMILY_HEADING = re.compile(r"\b(?:family|fh|famhx|fhx)\b", re.IGNORECASE)


class Experiencer(Enum):
    """Whose the findings of a sentence are; `UNSURE` may be either's."""

    PATIENT = "patient"
    FAMILY = "family"
    UNSURE = "unsure"


def experiencer(sentence: str, section: str | None = None) -> Experiencer:
    """Whom one sentence is about, by itself and the heading that it stands under."""
    if section and _FAMILY_HEADING.search(section):
        is_social = "social" in section.lower()
        return Experiencer.UNSURE if is_social else Experiencer.FAMILY
    if _FAMILY_HISTORY.search(sentence):
        return Experiencer.FAMILY
    relative = _RELATIVE.search(sentence)
    if not relative:
        return Experiencer.PATIENT
    patient = _PATIENT.search(sentence)
    if _INFORMS.search(sentence) or (patient and patient.start() < relative.start()):
        return Experiencer.UNSURE
    return Experiencer.FAMILY


def experiencers(sentences: Sequence[str], sections: Sequence[str | None]) -> list[Experiencer]:
    """The same for the sentences of a text: what follows talk of a relative may go on with it."""
    found = [experiencer(*pair) for pair in zip(sentences, sections, strict=True)]
    alone = list(found)
    for place, (before, own) in enumerate(pairwise(alone), start=1):
        goes_on = before is not Experiencer.PATIENT or found[place - 1] is Experiencer.UNSURE
        same = sections[place] == sections[place - 1]
        named = re.search(r"\bpatient\b(?!:)", sentences[place], re.IGNORECASE)
        if own is Experiencer.PATIENT and goes_on and same and not named:
            started = any(
                kind is not Experiencer.PATIENT for kind in alone[max(0, place - 3) : place]
            )
            found[place] = Experiencer.UNSURE if started else own
    return found


def names_another(sentence: str) -> bool:
    """Whether anyone beside the patient appears in it."""
    return bool(_ANYONE.search(sentence) or _FAMILY_HISTORY.search(sentence))


def names_patient(sentence: str) -> bool:
    """Whether the patient is spoken of outright."""
    return bool(_PATIENT.search(sentence))

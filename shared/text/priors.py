"""How much a sentence's place says about its worth, before a word of it is read.

The figures come from a Poisson regression of ROUGE-L on a third of MTSamples' training split, one
row a sentence, rounded; nothing here knows a data set by its name.
"""

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SectionKind:
    """What sections of a kind are worth, relative to one of no known kind.

    `opening` is for their first sentence, `second` for the next and `later` for what comes then.
    `explains_itself`: a line of it can be understood without the heading.
    `colours`: a line of it means something else without the heading (a relative's illness, an
    allergy, what is past or only suspected).
    """

    opening: float
    second: float
    later: float
    explains_itself: bool = False
    colours: bool = False


_OTHER = SectionKind(0.9, 0.9, 0.85)
_PERFORMED = SectionKind(2.5, 1.65, 1.0, explains_itself=True)
_DIAGNOSES = SectionKind(1.6, 1.55, 1.4, explains_itself=True)
_REASON = SectionKind(1.55, 1.0, 0.75, explains_itself=True)
_STORY = SectionKind(1.5, 1.2, 1.05, explains_itself=True)
_CONCLUSION = SectionKind(2.5, 1.6, 1.05, explains_itself=True)
_COURSE = SectionKind(1.4, 1.1, 0.85, explains_itself=True)
_PLAN = SectionKind(1.1, 1.0, 0.85, explains_itself=True)
_FINDINGS = SectionKind(1.25, 1.0, 0.8, explains_itself=True)
_TECHNIQUE = SectionKind(0.65, 0.85, 0.85)
_BACKGROUND = SectionKind(0.8, 0.85, 0.85, colours=True)
_MEDICINES = SectionKind(0.6, 0.6, 0.5)
_EXAMINATION = SectionKind(0.7, 0.65, 0.65)
_PERFORMED_NAMES = (
    r"^(?:title of |name of )?(?:operative )?(?:procedure|operation|surger(?:y|ie)|exam|"
    r"examination|study|test)s?(?: performed| done)?$|(?:procedure|operation)s? performed"
)
_TECHNIQUE_NAMES = (
    r"technique|description|detail|operative|anesthesia|complication|blood loss|specimen|"
    r"counts|drain|comparison|consent|position|implant|tourniquet|assistant"
)
_EXAMINATION_NAMES = (
    r"exam|objective|general|heent|neck|lung|chest|heart|cardio|abd|extrem|neuro|skin|"
    r"eyes|vital|\blab|\bdata\b|back|respir|musculo|psych|genit"
)
_KINDS = tuple(
    (kind, re.compile(names, re.IGNORECASE))
    for kind, names in (
        (_BACKGROUND, r"family|social|allerg|habits|\bpast\b|\bprior\b|previous|discontinued"),
        (_BACKGROUND, r"differential|ruled? out|medical history|surgical history|\bp[ms]h\b"),
        (_BACKGROUND, r"review of systems|\bros\b|precaution|contraindicat"),
        (_DIAGNOSES, r"diagnos|^dx$"),
        (_PERFORMED, _PERFORMED_NAMES),
        (_REASON, r"chief complaint|^cc$|complaint|reason|presenting|indication"),
        (_STORY, r"present illness|\bhpi\b|subjective|interval history|^(?:clinical |brief )?hist"),
        (_CONCLUSION, r"assessment|impression|conclusion|summary|\ba/p\b|message"),
        (_COURSE, r"\bcourse\b"),
        (_PLAN, r"\bplans?\b|recommend|disposition|follow"),
        (_FINDINGS, r"finding|interpretation|result"),
        (_TECHNIQUE, _TECHNIQUE_NAMES),
        (_MEDICINES, r"medication|\bmeds\b"),
        (_EXAMINATION, _EXAMINATION_NAMES),
    )
)
_BEGINNINGS = ((1, 2.3), (3, 1.85), (7, 1.3))
"""Before this place of the note, counted from 0, a sentence weighs so much more than later."""
_PERSON = re.compile(
    r"\d[\s-]{0,2}(?:year|month|week|day|yr|y/?o)\b"
    r"|\b(?:woman|man|male|female|gentleman|lady|boy|girl|infant)\b",
    re.IGNORECASE,
)
_PRESENTS_PATIENT = 1.4
_LENGTHS = ((2, 0.3), (3, 0.5), (5, 0.75), (26, 1.0))
"""A sentence of fewer content words than that weighs so much; a longer one `_LONG`."""
_LONG = 0.8
_BREVITY = 0.3
"""Of two sentences with equal claims the shorter leaves more room: weight by words^-0.3."""
_BRIEF = 5
_BOILERPLATE = re.compile(
    r"electronically signed|dictated|transcribed|confidential|page \d+ of \d+|thank you|"
    r"informed consent|risks (and|,) |tolerated the procedure|\bcounts? (was|were)|copy to|\bcc:|"
    r"prepped and draped|medical record (no|num)|date of (birth|service)|@|https?:",
    re.IGNORECASE,
)


def section_kind(name: str | None) -> SectionKind:
    """The kind of the section of that heading; the first that fits counts."""
    if name is None:
        return _OTHER
    return next((kind for kind, names in _KINDS if names.search(name)), _OTHER)


def prior(section: str | None, place: int, place_in_section: int) -> float:
    """The weight of the sentence at a place of the note and of its section, counted from 0.

    Notes say first what they are about, and again where they conclude.
    """
    kind = section_kind(section)
    weight = (kind.opening, kind.second, kind.later)[min(place_in_section, 2)]
    return weight * next((more for end, more in _BEGINNINGS if place < end), 1.0)


def wording(sentence: str, content_words: int) -> float:
    """The weight of its length, and of saying who the patient is.

    Args:
        sentence: the sentence.
        content_words: how many it holds.
    """
    weight = next((less for end, less in _LENGTHS if content_words < end), _LONG)
    brevity = math.pow(max(len(sentence.split()), _BRIEF), -_BREVITY)
    return weight * brevity * (_PRESENTS_PATIENT if presents_patient(sentence) else 1.0)


def presents_patient(sentence: str) -> bool:
    """Whether it says of what age or sex the patient is."""
    return bool(_PERSON.search(sentence))


def is_boilerplate(sentence: str) -> bool:
    """Signatures, consents and counts, which every note holds alike."""
    return bool(_BOILERPLATE.search(sentence))

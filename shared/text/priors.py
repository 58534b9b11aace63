"""How much a sentence's place says about its worth, before a word of it is read.

The figures were set on the training splits of MTSamples and ACI-Bench and 200 questions of MeQSum,
for ROUGE-L against as many words from the beginning.
"""

import re

_CONCLUSIONS = re.compile(
    r"assessment|impression|diagnos|conclusion|summary|hospital course|\ba/p\b|message",
    re.IGNORECASE,
)
_SECTIONS = (
    (1.2, r"chief complaint|reason for|\bcc\b|present illness|\bhpi\b|indication|subjective"),
    (1.2, _CONCLUSIONS.pattern),
    (1.1, r"\bplan\b|recommend|disposition|findings|procedure|operation"),
    (
        0.7,
        r"family history|social history|allerg|review of systems|\bros\b|anesthesia|complication",
    ),
    (0.7, r"vital|technique|description|detail|comparison|estimated blood loss|counts|consent"),
    (0.85, r"physical exam|past (medical|surgical) history|medications|labs|laboratory"),
)
_SECTION_WEIGHTS = tuple((weight, re.compile(names, re.IGNORECASE)) for weight, names in _SECTIONS)
_FIRST = 4.0
"""The first sentence of a note weighs so much more than one far down."""
_FADES = 5.0
"""Sentences after which half of that is gone; in a conclusion fewer."""
_FADES_IN_CONCLUSION = 2.0
_CONCLUSION = 0.7
"""What the beginning of a conclusion, wherever it stands, has of a note's beginning."""
_BOILERPLATE = re.compile(
    r"electronically signed|dictated|transcribed|confidential|page \d+ of \d+|thank you|"
    r"informed consent|risks (and|,) |tolerated the procedure|\bcounts? (was|were)|copy to|\bcc:|"
    r"prepped and draped|medical record (no|num)|date of (birth|service)|@|https?:",
    re.IGNORECASE,
)


def prior(section: str | None, place: int, place_in_section: int) -> float:
    """The weight of the sentence at a place of the note and of its section, counted from 0.

    Notes say first what they are about, and again where they conclude.
    """
    weight = _beginning(place, _FADES)
    if section and _CONCLUSIONS.search(section):
        weight = max(weight, _CONCLUSION * _beginning(place_in_section, _FADES_IN_CONCLUSION))
    return weight * section_weight(section)


def section_weight(name: str | None) -> float:
    """1 for a section of no name or none of ours; the first that fits counts."""
    if name is None:
        return 1.0
    return next((weight for weight, names in _SECTION_WEIGHTS if names.search(name)), 1.0)


def _beginning(place: int, fades: float) -> float:
    return 1 + _FIRST / (1 + place / fades)


def is_boilerplate(sentence: str) -> bool:
    """Signatures, consents and counts, which every note holds alike."""
    return bool(_BOILERPLATE.search(sentence))

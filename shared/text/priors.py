"""How much a sentence's place says about its worth, before a word of it is read."""

import re

_SECTIONS = (
    (1.5, r"chief complaint|reason for|\bcc\b|present illness|\bhpi\b|indication|subjective"),
    (1.4, r"assessment|impression|diagnos|conclusion|summary|hospital course|\ba/p\b|message"),
    (1.2, r"\bplan\b|recommend|disposition|findings|procedure|operation"),
    (0.5, r"family history|social history|allerg|review of systems|\bros\b|anesthesia|complication"),
    (0.5, r"vital|technique|description|detail|comparison|estimated blood loss|counts|consent"),
    (0.7, r"physical exam|past (medical|surgical) history|medications|labs|laboratory"),
)
_SECTION_WEIGHTS = tuple((weight, re.compile(names, re.IGNORECASE)) for weight, names in _SECTIONS)
_BOILERPLATE = re.compile(
    r"electronically signed|dictated|transcribed|confidential|page \d+ of \d+|thank you|"
    r"informed consent|risks (and|,) |tolerated the procedure|\bcounts? (was|were)|copy to|\bcc:|"
    r"prepped and draped|medical record (no|num)|date of (birth|service)|@|https?:",
    re.IGNORECASE,
)


def section_weight(name: str | None) -> float:
    """1 for a section of no name or none of ours; the first that fits counts."""
    if name is None:
        return 1.0
    return next((weight for weight, names in _SECTION_WEIGHTS if names.search(name)), 1.0)


def position_weight(place: int) -> float:
    """Of the sentence at a place counted from 0: notes say first what they are about."""
    return 1.0 + 1.0 / (1.0 + place)


def is_boilerplate(sentence: str) -> bool:
    """Signatures, consents and counts, which every note holds alike."""
    return bool(_BOILERPLATE.search(sentence))

"""Names of the sections of notes, in small letters.

From C-CDA R2.1 (section titles), the SOAP scheme, and what notes call them.
"""

import re

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
"""Also headings where their content follows on the same line, whatever their case."""

_FURTHER_SECTIONS = (
    "addendum|advance directives|assistants|care plan|care team|condition|consent|course|"
    "date of surgery|description|drains|encounters|estimated blood loss|fluids|functional status|"
    "goals|health concerns|immunizations|instructions|insurance|interventions|medical equipment|"
    "mental status|nutrition|operation|operations|past history|payers|preparation|problem list|"
    "problems|reason for referral|signature|specimens?|surgeon"
)
_PART = re.compile(
    r"(?:abdomen|abdominal|back|breasts?|cardiac|cardiovascular|chest|constitutional|cor|cv|ears"
    r"|endocrine|ent|extremit(?:y|ies)|eyes?|face|gastrointestinal|general|genitalia|genitourinary"
    r"|gi|gu|head|heart|heent|hematologic|integumentary|lungs?|lymph nodes|lymphatics?|mouth|msk"
    r"|musculoskeletal|neck|neuro|neurologic|neurological|nose|oropharynx|pelvi[cs]|psych"
    r"|psychiatric|pulmonary|rectal|respiratory|skin|spine|throat|thyroid"
    r")(?P<more>(?:/| and |, )[a-z ]+| system| appearance)?(?!\w)"
)
_VITALS = frozenset(("vitals", "vital signs"))
_OF_PARTS = re.compile(r"(?:physical )?exam|objective|review of systems|ros\b", re.IGNORECASE)
_NAMES_SECTION = re.compile(rf"\b(?:{KNOWN_SECTIONS}|{_FURTHER_SECTIONS})\b")


def is_section(name: str) -> bool:
    """Whether a heading speaks of a section of a note: `Hospital discharge medications` does."""
    return bool(_NAMES_SECTION.search(name.lower()))


def is_part(name: str, section: str) -> bool:
    """Whether a heading names a part of an examination or a review of systems, as `HEENT` does.

    Under one, `Neurological exam` and `Vitals` are parts, too.
    """
    lowered = name.lower()
    part = _PART.match(lowered)
    if _OF_PARTS.match(section):
        return part is not None or lowered in _VITALS
    return part is not None and part.end() == len(lowered)

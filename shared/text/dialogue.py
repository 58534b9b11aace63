"""Recorded talk: who speaks where, and what is said only to keep the talk going."""

import re
from collections import Counter

from shared.text.priors import presents_patient
from shared.text.words import content_words, word_set, words

_TURN = re.compile(
    r"^[ \t]*(?P<mark>\[(?P<tag>[^\]\n]{1,24})\]|(?P<name>[^\W\d_][\w. ]{0,24}):(?!\S))[ \t]*",
    re.MULTILINE,
)
_LEAST_TURNS = 4
_SPEAKERS = 5
"""More labels than that are headings."""
_SHARE = 0.7
"""So many of the lines begin with a speaker."""
_FILLERS = word_set(
    "actually ah ahead alright anything bit definitely exactly feel fine fun get getting give glad "
    "go goes going gonna good got great guess guy hello hey hi hm hmm hope huh kind kinda know let "
    "let's like little look looks lot maybe mean mhm mm nice oh okay ok perfect pretty probably "
    "quick really right say see seem so something sort sound sounds stuff sure sorry talk tell "
    "thank thanks thing things think though today uh uhm um want wanna well wonderful wow yeah yep "
    "yes i'm i've i'll i'd it's that's you're you've we'll we're we've there's don't didn't "
    "doesn't 's 'm 've 'll 're"
)
"""Said in every talk, whatever it is about."""
_FINDS = re.compile(
    r"\b(?:impression|assessment|plan|order|prescri\w{1,12}|start(?:ing)? you|recommend\w{0,9}|"
    r"refer\w{0,6}|\d{1,6} (?:mg|milligrams?)|x-?rays?|mri|ct|ultrasound|labs?|blood work|"
    r"diagnos\w{1,6}|consistent with|follow[ -]?up|results?|show(?:s|ed)|history of|come back|"
    r"surgery|therapy|medications?|increase|decrease|continue|exam\w{0,8}|normal|murmur|"
    r"tender\w{0,5}|swelling|pain|denies|allerg\w{1,5})\b",
    re.IGNORECASE,
)
"""What is found, concluded and decided, in a visit's own words."""
_FINDS_COUNT = 3
OPENING = re.compile(
    r"(?:(?:okay|ok|alright|all right|um|uh|uhm|mm-hmm|hm|hmm|well|so|and|great|wonderful)\b"
    r"[\s,.]{0,4}){1,12}",
    re.IGNORECASE,
)
"""How turns begin that have not begun yet; no yes and no no is among it."""
_ASKS = re.compile(
    r"(?:(?:okay|ok|alright|all right|and|so|now|well|right|um|uh)[\s,.]{1,3}){0,4}"
    r"(?:do|does|did|have|has|are|is|any|how|what|when|where|which|can you)\b",
    re.IGNORECASE,
)
_LENGTHS = ((2, 0.05), (4, 0.3), (6, 0.6), (9, 0.8))
"""A turn of fewer telling words than that weighs so much."""
_QUESTION = 0.5
_FINDING = 0.35
_PRESENTS_PATIENT = 1.5


def speaker_marks(text: str) -> dict[int, int]:
    """Start → end of the marks (`[doctor] `, `Patient: `) of a dialogue; empty for other texts."""
    turns = list(_TURN.finditer(text))
    if len(turns) < _LEAST_TURNS:
        return {}
    names = Counter((turn["tag"] or turn["name"]).strip().lower() for turn in turns)
    frequent = names.most_common(_SPEAKERS)
    lines = sum(not line.isspace() for line in text.splitlines() if line)
    alternate = len(frequent) > 1 and frequent[1][1] > 1
    if not alternate or sum(count for _, count in frequent) < _SHARE * lines:
        return {}
    return {turn.start("mark"): turn.end() for turn in turns}


def telling_words(sentence: str) -> list[str]:
    """The stems of its content words without those that keep a talk going."""
    return content_words(" ".join(word for word in words(sentence) if word not in _FILLERS))


def turn_weight(said: str, terms: int) -> float:
    """What a turn of so many telling words weighs: answers, findings and plans before questions."""
    weight = next((less for end, less in _LENGTHS if terms < end), 1.0)
    if is_question(said) or _ASKS.match(said):
        weight *= _QUESTION
    if presents_patient(said):
        weight *= _PRESENTS_PATIENT
    return weight * (1 + _FINDING * min(len(_FINDS.findall(said)), _FINDS_COUNT))


def is_question(sentence: str) -> bool:
    """Whether it ends in a question mark of some script."""
    return sentence.rstrip().endswith(("?", "\uff1f", "\u061f"))

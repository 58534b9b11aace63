"""A reading of sentences for choosing benchmark items, with nothing of the product in it.

Choosing with the product's own tokenizer, evidence or rules would leave out what they get wrong.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


def word_list(text: str) -> list[str]:
    """Words kept as running text."""
    return text.split()


_TOKEN = re.compile(r"\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)?")
_UNITS = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBER_WORDS = {word: n for n, word in enumerate(_UNITS)} | {
    word: 10 * n for n, word in enumerate(_TENS, start=2)
}
NEGATIONS = frozenset(
    word_list(
        "no not none never without denies denied deny denying negative nor neither cannot "
        "unremarkable absent nope nah normal free ruled unable clear fails failed refused "
        "refuses declined declines lack lacks lacking nothing nobody unlikely zero stopped "
        "discontinued hardly resolved hold avoid avoided"
    )
)
"""Whatever may turn a statement round; wide on purpose, for it decides what is left out."""
_ROUND = range(20, 100, 10)
LATERAL = frozenset(["left", "right", "bilateral", "bilaterally", "both"])
_STOP = frozenset(
    word_list(
        "a an the of to in on at for from with and or by as is are was were be been being am "
        "has have had having do does did he she they his her their him them it its who which "
        "that this these those there then than also i my me you your we our us will would so "
        "very some any all but if about into up out when where while patient pt patient's mr "
        "mrs ms doctor dr reports reported report states stated state presents presented "
        "present presenting notes noted describes described describe admits endorses complains "
        "complained complaining says said today currently currently recently here come comes "
        "came get gets got take takes took taking per time year-old old"
    )
)
_SPLIT = re.compile(
    r"(?<=[.!?])[\"')]*,?\s+(?=[\"'(]*[A-Z0-9])|\s*\n+\s*|,(?=[A-Z][A-Z /&-]{3,40}:)"
)
_NO_END = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|vs|st|no|approx|fig|e\.g|i\.e|pt)|\b[a-z])\.$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]` with its tokens."""

    start: int
    end: int
    tokens: frozenset[str]
    is_question: bool


def tokens(text: str) -> list[str]:
    """Lower-cased words without their inflection, numbers as digits (`seventy six` is `76`)."""
    read: list[str] = []
    tens = 0
    for token in _TOKEN.findall(text.lower().replace("\u2019", "'").replace("-", " ")):
        value = NUMBER_WORDS.get(token)
        if value is None:
            tens = 0
            read.append(_bare(token))
        elif tens and value in range(1, 10):
            read[-1] = str(tens + value)
            tens = 0
        else:
            tens = value if value in _ROUND else 0
            read.append(str(value))
    return read


def content(read: list[str]) -> set[str]:
    """What has to stand in the source: all but grammar and the words by which notes narrate."""
    return {
        token
        for token in read
        if token not in _BARE_STOP and token not in NEGATIONS and not is_negation(token)
    }


def is_negation(token: str) -> bool:
    return token in _BARE_NEGATIONS or token.endswith("n't")


def pieces(text: str) -> list[Piece]:
    """Sentences and lines of a text, by punctuation alone."""
    found, start = [], 0
    for match in [*_SPLIT.finditer(text), None]:
        end = match.start() if match else len(text)
        if match and "\n" not in match.group() and _NO_END.search(text, start, end):
            continue
        piece = text[start:end]
        if piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            read = frozenset(tokens(text[first:last]))
            found.append(Piece(first, last, read, text[first:last].endswith("?")))
        start = match.end() if match else end
    return found


_SAME = {
    "mg": "milligram", "mcg": "microgram", "cm": "centimeter", "mm": "millimeter", "daily": "day",
    "meds": "medication", "yrs": "year", "hrs": "hour",
    "ml": "milliliter", "cc": "milliliter", "tabs": "tablet", "kg": "kilogram", "lbs": "pound",
    "twice": "2", "once": "1",
}  # fmt: skip


@lru_cache(maxsize=100_000)
def _bare(token: str) -> str:
    token = _SAME.get(token, token).removesuffix("'s")
    if len(token) <= 3 or not token.isalpha():
        return token
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e")):
        root = token.removesuffix(ending)
        if root != token and len(root) >= 3:
            token = root + instead
            break
    else:
        if token.endswith("s") and not token.endswith(("ss", "us", "is")):
            token = token[:-1]
    return token.removesuffix("e") if len(token) > 4 else token


_BARE_STOP = frozenset(_bare(word) for word in _STOP)
_BARE_NEGATIONS = frozenset(_bare(word) for word in NEGATIONS)

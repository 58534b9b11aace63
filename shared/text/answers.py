"""Questions in a text, and what their answers make of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from shared.text.spans import Span

_SPEAKER = re.compile(r"\s*(?:\[\w{1,20}\]|[a-z][\w ]{0,24}:)\s*")
_FILLER = re.compile(
    r"(?:(?:uh|um|umm|well|oh|hm|hmm|mm|so|and|okay|ok|actually|honestly|doctor|ah|"
    r"thank you|thanks|alright|luckily|thankfully|fortunately|gosh|i mean|i would say|i'd say)\b"
    r"[\s,.]*)*"
)
_NO = re.compile(
    r"(?:no|nope|nah|none|never|not|negative|nothing|neither|denies|i'm not|"
    r"(?:i|we|he|she|it|they|there) (?:do|does|did|have|has|had|am|is|are|was|were|ca|can|could|"
    r"would|wo|should) ?(?:n't|not|n\u2019t|never)|i never)\b"
)
_YES = re.compile(
    r"(?:yes|yeah|yep|yup|yea|sure|correct|right|absolutely|definitely|exactly|mm-hmm|uh-huh|i do|"
    r"i have|i did|i am|i'm|it is|it does|they do|of course|occasionally|sometimes|a little|a bit|"
    r"some|just|that(?:'s| is) (?:correct|right|true)|that sounds right|something like that|"
    r"i think (?:so|it is|i do|i did|i have)|i believe (?:so|it is|i do|i did)|i guess so|"
    r"(?:he|she|they|it|we) (?:did|does|do|has|had|is|was|are|were))\b"
)
_ASKS = re.compile(
    r"(?:any|have you|do you|are you|did you|does (?:he|she|it)|is there|how about)\b"
)
_OPEN = re.compile(r"(?:what|how|when|where|why|which|who)\b(?! about)")
_SAID_SO = re.compile(r", ?(?:okay|ok|alright|all right) ?\?\s*$")
"""It makes sure that what was said is heard, and asks nothing."""


_STARTS = re.compile(
    r"\b(?:(?:do|does|did|have|has|had|are|is|were|was|can) (?:you|he|she|it|the|that|there|your)|"
    r"any|how about|what about)\b"
)
_WEAK = ("any", "how about", "what about")


class Answer(Enum):
    """What became of words: said outright, or asked and answered so."""

    SAID = "said"
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence: what it says before `asks_at` is said, what follows is a question.

    `answered_by` is the place of the sentence that answers it, or may do so.
    """

    span: Span
    asks_at: int
    answer: Answer
    answered_by: int | None = None


def utterances(text: str, sentences: Sequence[Span]) -> list[Utterance]:
    """The sentences of a text, with the questions among them and their answers.

    An answer is the next sentence that asks nothing; several questions may share it. Talk that was
    written down without marks is read, too: there a turn whose answer is yes or no ends in a
    question.
    """
    lines = [_Line(text, span) for span in sentences]
    spoken = any(line.speaks for line in lines)
    found = []
    answer, answered = Answer.UNKNOWN, False
    by: int | None = None
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place]
        if line.is_question:
            became = Answer.UNKNOWN if line.is_open else answer
            found.append(Utterance(line.span, line.span.start, became, by))
            answered = False
            continue
        asks_at = line.question_at() if answered and line.unmarked else None
        if asks_at is None:
            found.append(Utterance(line.span, line.span.end, Answer.SAID))
        else:
            found.append(Utterance(line.span, asks_at, answer, by))
        own = line.answer()
        answered = line.speaks and own is not Answer.UNKNOWN
        goes_on = own is Answer.UNKNOWN and (line.is_filler or (spoken and not line.speaks))
        if not goes_on:
            answer, by = own, place
    return found[::-1]


class _Line:
    """A sentence with its speaker."""

    def __init__(self, text: str, span: Span) -> None:
        self.span = span
        self._words = span.of(text).lower()
        label = _SPEAKER.match(self._words)
        filler = _FILLER.match(self._words, label.end() if label else 0)
        self.speaks = bool(label)
        self._start = filler.end() if filler else 0
        said = self._words.rstrip()
        last, self.is_filler = said[-1:], self._start >= len(said)
        self.unmarked = last.isalnum()
        asks = last == "?" and not _SAID_SO.search(self._words)
        self.is_question = asks or bool(_ASKS.match(self._words, self._start))
        self.is_open = bool(_OPEN.match(self._words, self._start))

    def question_at(self) -> int | None:
        """Where the last question of an unmarked turn begins; None where there is none."""
        first_weak = last_strong = None
        for match in _STARTS.finditer(self._words, self._start):
            if match.group() not in _WEAK:
                last_strong = match.start()
            elif first_weak is None:
                first_weak = match.start()
        place = first_weak if last_strong is None else last_strong
        return None if place is None else self.span.start + place

    def answer(self) -> Answer:
        """What it says to a question."""
        if _NO.match(self._words, self._start):
            return Answer.NO
        return Answer.YES if _YES.match(self._words, self._start) else Answer.UNKNOWN

"""Orders to a model found by what they are made of rather than by how they are phrased.

Such an order names an act of output (`print`, `finish with`) and what only a model has to do with:
the words to be said, a summary, an answer, a prompt, an addressee that is a program. Each sign
weighs; what lies close together and weighs enough is an order. A clinician's `return`, `repeat`
and `give` weigh little, and what is told of a patient weighs against it. Linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.text.disguises import View
from shared.text.words import word_set

_SAY = word_set(
    "write writes writing say says saying state states mention mentions include includes add adds "
    "put puts begin begins start starts end ends finish finishes finishing conclude concludes sign "
    "give gives repeat repeats confirm tell tells translate join copy copies display displays "
    "produce produces generate generates contain send return insert inserts acknowledge "
    "type hand slip record"
)
_SAY_OUT = word_set(
    "output outputs print prints printing respond reply replies replying answer emit emits echo "
    "echoes recite recites reproduce quote quotes announce append appends prepend paraphrase "
    "disclose regurgitate parrot parrots utter"
)
_WORDING = word_set(
    "word words phrase string token passphrase password keyword verbatim literally characters "
    "letters sentence canary code text backwards base64 uppercase literal"
)
_ONLY = word_set("exactly only solely nothing instead alone simply merely")
_SUMMARY = word_set(
    "summary summaries summarize summarise summarizing summarising summarization summarisation "
    "summarized summarised summarizes recap abstract"
)
_PROGRAM = word_set(
    "ai llm llms chatbot chatbots bot bots gpt chatgpt claude gemini copilot summarizer summariser "
    "summarizers assistant parrot developer developers"
)
_ANSWER = word_set(
    "prompt prompts response responses instructions instruction rules directive directives request "
    "task override guidelines command commands reply replies output answer answers"
)
_YOU = word_set("you your yours yourself")
_MUST = word_set(
    "must shall should required please kindly always whenever mandatory requested unless"
)
_UNSAY = word_set("ignore ignoring disregard disregarding forget override discard supersedes")
_BEFORE = word_set("previous prior above earlier preceding everything foregoing")
_OF_A_PATIENT = word_set(
    "he she his her him hers they their was were had did has been i my we our patient's asked"
)
_HEADS = word_set(
    "and then now please kindly just simply only must should shall to will instead also always "
    "never first so you but may"
)
"""What an order may begin with."""

_WEIGHTS = {
    "order": 1.0,
    "order of output": 2.0,
    "output": 0.5,
    "say": 0.5,
    "wording": 1.0,
    "only": 0.75,
    "summary": 1.5,
    "program": 1.5,
    "answer": 1.0,
    "you": 0.5,
    "must": 0.5,
    "unsay": 1.0,
    "before": 0.5,
    "told": -1.5,
}
_CODE_WEIGHT = 1.0
ENOUGH = 3.0
_NEAR = 90
"""Signs further apart are of different orders."""

_CLASSES = {
    word: name
    for name, words in (
        ("say", _SAY),
        ("output", _SAY_OUT),
        ("wording", _WORDING),
        ("only", _ONLY),
        ("summary", _SUMMARY),
        ("program", _PROGRAM),
        ("answer", _ANSWER - _SAY_OUT),
        ("you", _YOU),
        ("must", _MUST),
        ("unsay", _UNSAY),
        ("before", _BEFORE),
        ("told", _OF_A_PATIENT),
    )
    for word in words
}
_ORDERED = {"say": "order", "output": "order of output"}
_WORD = re.compile(r"[a-z][a-z0-9']*")
_EDGE = re.compile(r"[.!?]['\")\]]*,?[ \n]|\n(?![a-z])|[.;],")
_CLAUSE = re.compile(r"[,.;:!?)>\]\"|#*\n({\[=-]")
_CODE = re.compile(r"\b(?:[A-Z]{3,}[-_][A-Z0-9]+|[A-Z]{6,}(?!:)|[A-Z][a-z]+[A-Z]\w+)\b")
_CODE_REACH = 60
_ASKED = re.compile(
    r"answer[^.!?\n]{0,30}question|(?:output|response) (?:by|of|was|is)\b|print out your|"
    r"(?:discharge|family|patient)'? ?s? (?:summary|request)|summary sheet"
)
"""What reads like a sign and is clinical."""


@dataclass(slots=True)
class _Group:
    start: int
    end: int
    kinds: set[str] = field(default_factory=set)

    @property
    def weight(self) -> float:
        kinds = self.kinds
        if "order of output" in kinds:
            kinds = kinds - {"output"}
        if "order" in kinds:
            kinds = kinds - {"say"}
        return sum(_WEIGHTS[kind] for kind in kinds)


def orders(view: View) -> Iterator[tuple[int, int]]:
    """Where in the view's text each begins and ends, from its first sign to its last."""
    for group in _groups(view):
        weight = group.weight
        if weight >= ENOUGH or (weight >= ENOUGH - _CODE_WEIGHT and _names_code(view, group)):
            yield group.start, group.end


def _groups(view: View) -> Iterator[_Group]:
    text = view.text
    group: _Group | None = None
    before, reach = "", 0
    for match in _WORD.finditer(text):
        word = match.group()
        kind = _CLASSES.get(word)
        if kind is None:
            before, reach = word, match.end()
            continue
        start, end = match.span()
        heading = _is_heading(view, kind, start, end)
        heads = not before or before in _HEADS or bool(_CLAUSE.search(text, reach, start))
        if heads:
            kind = _ORDERED.get(kind, kind)
        before, reach = word, end
        if group and (start - group.end > _NEAR or _EDGE.search(view.cased, group.end, start)):
            yield group
            group = None
        if heading or _ASKED.match(text, start):
            continue
        group = group or _Group(start, end)
        group.end = end
        group.kinds.add(kind)
    if group:
        yield group


def _is_heading(view: View, kind: str, start: int, end: int) -> bool:
    """Whether a word that names a section stands as its heading."""
    return kind in ("summary", "answer", "output") and (
        view.text[end : end + 1] == ":" or (kind != "output" and view.cased[start:end].isupper())
    )


def _names_code(view: View, group: _Group) -> bool:
    """Whether there is a word to be said: in capitals or with a number, no heading."""
    cased = view.cased[group.start : group.end + _CODE_REACH]
    return not cased.isupper() and _CODE.search(cased) is not None

"""Sentences of a summary that speak to or as a language model, or answer a withheld passage."""

import re
from collections.abc import Iterator

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.checks.withheld import WORD
from shared.text.instructions import instruction_spans

_AS_MODEL = re.compile(
    r"\b(?:as an? (?:ai|artificial intelligence|(?:large )?language model|llm|chatbot)\b|"
    r"(?:my|your) "
    r"(?:system )?(?:prompt|instructions)\b|system prompt|i(?:'m| am) (?:sorry|afraid),? "
    r"(?:but )?i "
    r"(?:can(?:no|')t|am (?:unable|not able))|i (?:can(?:no|')t|am unable to) (?:comply|"
    r"assist|help|"
    r"fulfil|summari[sz]e|follow|ignore|reveal|share)|(?:the |this )?(?:note|text|document|user) "
    r"(?:asks|instructs|tells|orders|requests|wants) (?:me|the (?:ai|assistant|model|"
    r"summari[sz]er))"
    r"\b|follow no instructions|(?:these|the) (?:above|previous|following) instructions)",
    re.IGNORECASE,
)


def instruction(sentence: Sentence, source: Source) -> list[Finding]:
    """Passages that are an instruction, talk of one, or come from what was withheld.

    Of a withheld passage that is a run of eight words, what it puts in quotation marks, or a code
    that stands nowhere else in the source.
    """
    text = sentence.text
    found = [(span.start, span.end) for span in instruction_spans(text)]
    found += [match.span() for match in _AS_MODEL.finditer(text)]
    found += _withheld(text, source)
    return [Finding("instruction", text[start:end], start, end) for start, end in _joined(found)]


def _withheld(text: str, source: Source) -> Iterator[tuple[int, int]]:
    withheld = source.withheld
    if not withheld.spans:
        return
    words = list(WORD.finditer(text))
    said = [word.group().casefold() for word in words]
    for word, plain in zip(words, said, strict=True):
        if plain in withheld.codes:
            yield word.span()
    for length, grams in withheld.runs.items():
        for first in range(len(said) - length + 1):
            if tuple(said[first : first + length]) in grams:
                yield words[first].start(), words[first + length - 1].end()


def _joined(found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Overlapping ones as one."""
    reach = -1
    start = 0
    for begin, end in sorted(found):
        if begin > reach:
            if reach >= 0:
                yield start, reach
            start = begin
        reach = max(reach, end)
    if reach >= 0:
        yield start, reach

"""Sentences of a summary that say nothing of the patient."""

import re

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source

_SUMMARY = r"(?:summary|note|record|report|document|text|conversation|dialogue|transcript)"
_BOILERPLATE = re.compile(
    rf"""\W*(?:
    (?:the\ )?(?:patient|pt)\ (?:was|has\ been)\ (?:seen\ and\ examined|examined\ and\ seen)
        (?:\ (?:today|by\ me|at\ bedside))?
    | (?:this|the\ following|here|below)\ is\ an?\ (?:\w+\ ){{0,3}}{_SUMMARY}\b
        (?:\ of\ the\ (?:\w+\ ){{0,3}}{_SUMMARY})?
    | (?:here|below)\ is\ the\ (?:\w+\ ){{0,3}}{_SUMMARY}
    | (?:sure|certainly|of\ course|okay)\b[,!.:]?(?:\ (?:here|i)\b.{{0,80}})?
    | as\ an\ (?:ai|artificial|assistant|language)\b.*
    | i(?:\ am|'m|\ was)?\ (?:an?\ (?:ai|language)\ |sorry,?\ |unable\ to\ |cannot\ |can't\ ).*
    | (?:please\ )?(?:see|refer\ to|review)\ (?:the\ )?(?:full|complete|entire|original|above)\b.*
    | (?:please\ )?(?:feel\ free\ to\ |do\ not\ hesitate\ to\ |let\ me\ know\b).*
    | please\ contact\b.*
    | (?:we\ |i\ |many\ )?(?:thanks?|thank\ you)\b.*
    | (?:this\ {_SUMMARY}\ )(?:was|has\ been|is|provides|contains|summarizes|describes|includes)\b
        (?:\ (?:dictated|transcribed|generated|prepared|created|electronically\ signed|written)\b.*
        |.{{0,60}}\b(?:summary|overview|information|details)\b.*)
    | (?:dictated|transcribed|electronically\ signed|signed)\ (?:but\ not\ read|by|using|with)\b.*
    | (?:all|any)\ questions\ (?:were|have\ been)\ answered(?:\ to\ .{{0,60}})?
    | (?:end|conclusion)\ of\ (?:the\ )?{_SUMMARY}
    | (?:in\ )?summary
    )\W*""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 300
"""Characters; what says nothing says it shortly."""


def boilerplate(sentence: Sentence, _: Source) -> list[Finding]:
    """One finding on the whole sentence."""
    said = sentence.text
    if len(said) <= _LONGEST and _BOILERPLATE.fullmatch(said):
        return [Finding("boilerplate", said, 0, len(said))]
    return []

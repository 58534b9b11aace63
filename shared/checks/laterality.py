"""Sides of a summary that are not those of its source."""

from collections.abc import Iterator, Mapping

from shared.checks.finding import Finding
from shared.checks.quotation import is_quoted
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.laterality import Lateral, Side, laterals
from shared.text.tokens import term_of, tokens

_NEAR, _FAR = 1.0, 0.25
_CONTEXT = 0.5
"""How much the rest of the source sentence counts beside the words next to the side."""
_MARGIN = 0.15


def side_mismatch(sentence: Sentence, source: Source) -> list[Finding]:
    """Sides of which the source, where it speaks of the same, names the other."""
    said = sentence.text
    named = laterals(said)
    if not named or is_quoted(sentence, source):
        return []
    terms = {term for token in tokens(said) if (term := term_of(token.word))}
    alignment = source.polarity.alignment(terms - {"left", "right", "bilateral", "bilaterally"})
    return [
        Finding("side_mismatch", lateral.span.of(said), lateral.span.start, lateral.span.end)
        for lateral in named
        if _is_other(lateral, source, alignment)
    ]


def _is_other(lateral: Lateral, source: Source, alignment: Mapping[int, float]) -> bool:
    best: dict[Side, float] = {"left": 0.0, "right": 0.0, "both": 0.0}
    weights = list(_weights(lateral, source))
    total = sum(weight for _, weight in weights)
    for place, known in source.laterals:
        shared = sum(w for term, w in weights if term in known.after or term in known.before)
        if shared:
            shared /= total
            score = shared + _CONTEXT * alignment.get(place, 0.0)
            best[known.side] = max(best[known.side], score)
    if lateral.side == "both" and best["left"] and best["right"]:
        return False
    own = best.pop(lateral.side)
    return max(best.values()) > own + _MARGIN


def _weights(lateral: Lateral, source: Source) -> Iterator[tuple[str, float]]:
    """What the side belongs to, and what each word of it weighs."""
    for terms, share in ((lateral.after, _NEAR), (lateral.before, _FAR)):
        for nearness, term in enumerate(terms):
            yield term, share * source.polarity.weight(term) / (1 + 2 * nearness)

"""Family history told as the patient's own, and the other way round."""

from collections.abc import Mapping

from shared.checks.finding import Finding
from shared.checks.quotation import is_quoted
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.context import read_context
from shared.text.relatives import Experiencer, experiencer, names_patient
from shared.text.words import stem, word_set

_FULL = 0.8
"""Share of an item's weight that has to stand under the other person."""
_HALF = 0.5
"""So much under the right person is enough to acquit."""
_ABOUT_NOBODY = frozenset(
    stem(word)
    for word in word_set(
        "history past family medical significant positive known diagnosed diagnosis age died dies "
        "death mother father parents parent brother brothers sister sisters son sons daughter "
        "daughters aunt aunts uncle uncles cousin cousins grandmother grandfather grandparents "
        "maternal paternal mom dad side sibling siblings relative relatives runs year years old "
        "strong notable remarkable use used problem problems"
    )
)


def family_mismatch(sentence: Sentence, source: Source) -> list[Finding]:
    """Findings that the source affirms of the family only, or of the patient only."""
    said = sentence.text
    whose = experiencer(said)
    if whose is Experiencer.UNSURE or is_quoted(sentence, source):
        return []
    if whose is Experiencer.PATIENT and not names_patient(said):
        return []  # a fragment may come from the family history
    other = Experiencer.FAMILY if whose is Experiencer.PATIENT else Experiencer.PATIENT
    found = []
    for item in read_context(said).items:
        terms = [term for term in item.terms if term not in _ABOUT_NOBODY and not term.isdigit()]
        shares = source.polarity.affirmed(terms)
        if item.denied or not terms:
            continue
        theirs = _best(shares, source.experiencers, (other,))
        if theirs >= _FULL and _best(shares, source.experiencers, _besides(other)) < _HALF:
            found.append(
                Finding("family_mismatch", item.span.of(said), item.span.start, item.span.end)
            )
    return found


def _besides(other: Experiencer) -> tuple[Experiencer, ...]:
    return tuple(kind for kind in Experiencer if kind is not other)


def _best(
    shares: Mapping[int, float], whose: list[Experiencer], kinds: tuple[Experiencer, ...]
) -> float:
    return max((share for place, share in shares.items() if whose[place] in kinds), default=0.0)

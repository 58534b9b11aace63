"""ROUGE-1, -2, -L and -Lsum (Lin 2004, "ROUGE: A Package for Automatic Evaluation").

Figures equal those of Google's `rouge-score` without stemmer: lower case, tokens are runs of
`[a-z0-9]`, ROUGE-L over the whole text rather than line by line, ROUGE-Lsum over the union of the
sentences' longest common subsequences.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Rouge:
    """F1 of unigrams, bigrams and longest common subsequence, each 0..1."""

    rouge1: float
    rouge2: float
    rouge_l: float


def rouge(candidate: str, reference: str) -> Rouge:
    """How much of `reference` the `candidate` says, and how little else."""
    ours, theirs = tokens(candidate), tokens(reference)
    common = longest_common_subsequence(ours, theirs)
    return Rouge(
        _ngram_f1(ours, theirs, 1),
        _ngram_f1(ours, theirs, 2),
        _f1(common, len(ours), len(theirs)),
    )


def tokens(text: str) -> list[str]:
    """The tokens that ROUGE counts."""
    return _TOKEN.findall(text.lower())


def longest_common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """Its length, by Hyyrö's bit-parallel recurrence (2004): one big-integer step per token."""
    places: dict[str, int] = {}
    for index, token in enumerate(left):
        places[token] = places.get(token, 0) | 1 << index
    everywhere = (1 << len(left)) - 1
    unmatched = everywhere
    for token in right:
        hits = unmatched & places.get(token, 0)
        unmatched = (unmatched + hits | unmatched - hits) & everywhere
    return len(left) - unmatched.bit_count()


def rouge_lsum(candidate: Sequence[str], reference: Sequence[str]) -> float:
    """F1, 0..1, of two texts by their sentences (Lin 2004, section 3.2)."""
    ours = [tokens(sentence) for sentence in candidate]
    theirs = [tokens(sentence) for sentence in reference]
    ours_left = Counter(token for sentence in ours for token in sentence)
    theirs_left = Counter(token for sentence in theirs for token in sentence)
    sizes = ours_left.total(), theirs_left.total()
    matches = 0
    for sentence in theirs:
        union = set[int]().union(*(_places_in_common(sentence, other) for other in ours))
        for place in union:
            # A token counts as often as both texts hold it, at most.
            if ours_left[sentence[place]] and theirs_left[sentence[place]]:
                ours_left[sentence[place]] -= 1
                theirs_left[sentence[place]] -= 1
                matches += 1
    return _f1(matches, *sizes)


def _places_in_common(left: Sequence[str], right: Sequence[str]) -> set[int]:
    """Where in `left` the tokens of one longest common subsequence stand."""
    if not set(left) & set(right):
        return set()
    table = [[0] * (len(right) + 1)]
    for token in left:
        above, row = table[-1], [0]
        for place, other in enumerate(right):
            row.append(above[place] + 1 if token == other else max(row[-1], above[place + 1]))
        table.append(row)
    places = set()
    at, other_at = len(left), len(right)
    while at and other_at:
        if left[at - 1] == right[other_at - 1]:
            at, other_at = at - 1, other_at - 1
            places.add(at)
        elif table[at][other_at - 1] > table[at - 1][other_at]:
            other_at -= 1
        else:
            at -= 1
    return places


def _ngram_f1(ours: list[str], theirs: list[str], size: int) -> float:
    mine, other = _ngrams(ours, size), _ngrams(theirs, size)
    return _f1((mine & other).total(), mine.total(), other.total())


def _ngrams(words: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))


def _f1(matches: int, ours: int, theirs: int) -> float:
    """2PR / (P + R), which is twice the matches over both sizes."""
    return 2 * matches / (ours + theirs) if matches else 0.0

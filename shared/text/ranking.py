"""How central each sentence of a text is, and which to take so that none says another again.

Centrality is the cosine between a sentence and the centroid of all of them in TF-IDF space (Radev
et al. 2004, MEAD): linear in the text, where LexRank's graph is quadratic. Redundancy is held down
by maximal marginal relevance (Carbonell and Goldstein 1998).
"""

import math
from collections import Counter
from collections.abc import Sequence

Vector = dict[str, float]
"""Of unit length; term → weight."""


def vectors(term_lists: Sequence[Sequence[str]]) -> list[Vector]:
    """TF-IDF of each sentence's terms; empty for a sentence without terms."""
    frequency = Counter(term for terms in term_lists for term in set(terms))
    rarity = {term: math.log(1 + len(term_lists) / count) for term, count in frequency.items()}
    return [
        _unit(
            {term: (1 + math.log(count)) * rarity[term] for term, count in Counter(terms).items()}
        )
        for terms in term_lists
    ]


def centrality(sentences: Sequence[Vector]) -> list[float]:
    """Cosine of each with the centroid of all, 0..1."""
    total: Vector = {}
    for sentence in sentences:
        for term, weight in sentence.items():
            total[term] = total.get(term, 0.0) + weight
    centroid = _unit(total)
    return [cosine(sentence, centroid) for sentence in sentences]


def cosine(left: Vector, right: Vector) -> float:
    """Of two vectors of unit length."""
    if len(left) > len(right):
        left, right = right, left
    return sum(weight * right[term] for term, weight in left.items() if term in right)


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {term: weight / length for term, weight in vector.items()} if length else {}

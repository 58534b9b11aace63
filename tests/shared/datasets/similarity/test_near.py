from itertools import pairwise
from random import Random

import pytest

from shared.datasets.similarity.minhash import shingles, signature
from shared.datasets.similarity.near import NearDuplicates
from shared.datasets.similarity.normal import digest


def _text(dice: Random, words: int = 60) -> list[str]:
    return [f"w{dice.randrange(2_000)}" for _ in range(words)]


def _jaccard(one: str, other: str) -> float:
    left, right = set(shingles(one)), set(shingles(other))
    return len(left & right) / len(left | right)


def test_an_estimate_is_near_the_jaccard_similarity() -> None:
    dice = Random(1)
    for changed in (2, 6, 15):
        words = _text(dice, 200)
        other = [*words[:-changed], *_text(dice, changed)]
        index = NearDuplicates(0.1)
        one, two = " ".join(words), " ".join(other)
        index.observe(1, one)
        index.observe(2, two)
        assert index.similarity(0, 1) == pytest.approx(_jaccard(one, two), abs=0.15)


def test_copies_with_a_tenth_of_their_words_changed_are_found_and_nothing_else() -> None:
    dice = Random(2)
    texts = [_text(dice) for _ in range(300)]
    index = NearDuplicates(0.5)
    for line, words in enumerate(texts):
        index.observe(line, " ".join(words))
    for line, words in enumerate(texts):
        edited = list(words)
        for place in dice.sample(range(len(edited)), 6):
            edited[place] = f"x{dice.randrange(2_000)}"
        index.observe(300 + line, " ".join(edited))
    found = {(index.line(pair.place), index.line(pair.other)) for pair in index.pairs()}
    assert all(later == earlier + 300 for later, earlier in found)
    assert len(found) >= 294


def test_every_one_of_many_copies_hangs_together_with_the_first() -> None:
    index = NearDuplicates(0.8)
    for line in range(1_000):
        index.observe(line, "the very same form, filled in by nobody at all")
    found = [(pair.place, pair.other) for pair in index.pairs()]
    assert {(place, 0) for place in range(1, 1_000)} <= set(found)
    assert len(found) < 10 * 1_000, "pairs grow with the copies, not with their square"


def test_a_long_text_is_read_in_pieces_and_whole() -> None:
    words = [f"w{number}" for number in range(9_000)]
    assert len(shingles(" ".join(words))) == len(list(pairwise(words)))
    assert (signature(" ".join(words)) != signature(" ".join(words[:-3_000]))).any()


def test_case_marks_and_white_space_make_no_difference_and_a_missing_text_does() -> None:
    assert digest("Chest  pain,\nmild.", "None.") == digest("chest pain mild", "NONE")
    assert digest("a", None) != digest("a", "")
    assert digest("a b", "c") != digest("a", "b c")

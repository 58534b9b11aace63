import random

import pytest

from shared.scoring.rouge import longest_common_subsequence, rouge, rouge_lsum


def test_figures_of_google_rouge_score() -> None:
    """rouge-score 0.1.2, `use_stemmer=False`, on the same pair."""
    scores = rouge(
        "The patient, a 54-year-old, denies chest pain; pain is in the knee.",
        "A 54-year-old patient with knee pain denies any chest pain.",
    )
    assert (scores.rouge1, scores.rouge2, scores.rouge_l) == pytest.approx(
        (0.769230769231, 0.333333333333, 0.538461538462)
    )


def test_lsum_of_google_rouge_score() -> None:
    """rouge-score 0.1.2, `rougeLsum`, with a line for each sentence."""
    ours = ["The patient denies chest pain.", "Pain is in the left knee; swelling of the knee."]
    theirs = ["Left knee pain and swelling.", "No chest pain, the patient denies fever."]
    assert rouge_lsum(ours, theirs) == pytest.approx(0.5925925925925926)
    assert rouge_lsum([], theirs) == rouge_lsum(ours, []) == 0


def test_counts_are_clipped() -> None:
    assert rouge("pain pain pain", "pain").rouge1 == pytest.approx(0.5)


def test_extremes() -> None:
    assert rouge("Same words.", "same WORDS").rouge_l == 1
    assert rouge("", "anything").rouge1 == rouge("...", "").rouge_l == 0


def test_the_bit_parallel_length_equals_the_textbook_table() -> None:
    generator = random.Random(7)
    for _ in range(50):
        left, right = (generator.choices("abcd", k=generator.randrange(90)) for _ in range(2))
        row = [0] * (len(right) + 1)
        for token in left:
            above, row = row, [0]
            for place, other in enumerate(right):
                row.append(above[place] + 1 if token == other else max(above[place + 1], row[-1]))
        assert longest_common_subsequence(left, right) == row[-1]

from time import perf_counter

import pytest

from shared.datasets.report.extractiveness import Extraction, extraction, tokenize

SOURCE = "The patient has a cough. She was given amoxicillin 500 mg and told to rest."


def of(target: str, source: str = SOURCE) -> Extraction:
    found = extraction(tokenize(source), tokenize(target))
    assert found is not None
    return found


def test_coverage_and_density_are_those_of_the_paper() -> None:
    # Fragments: "the patient" (2), "was given amoxicillin" (3), "rest" (1); "surely", "some" new.
    found = of("The patient surely was given amoxicillin, some rest")
    assert found.coverage == pytest.approx(6 / 8)
    assert found.density == pytest.approx((4 + 9 + 1) / 8)
    assert not found.copied_whole


def test_the_longest_passage_counts_where_two_overlap() -> None:
    found = of("a a b", source="a a a b")
    assert found.density == pytest.approx(3.0)
    assert found.copied_whole


def test_a_copied_target_is_covered_and_as_dense_as_it_is_long() -> None:
    found = of("She was given amoxicillin 500 mg")
    assert (found.coverage, found.density, found.copied_whole) == (1.0, 6.0, True)
    assert found.novelty == {1: 0.0, 2: 0.0, 3: 0.0, 4: 0.0}


def test_novelty_is_the_share_of_ngrams_that_the_source_lacks() -> None:
    found = of("cough was given rest")
    assert found.novelty == {1: 0.0, 2: pytest.approx(2 / 3), 3: 1.0, 4: 1.0}


def test_an_ngram_that_crosses_two_passages_can_still_stand_in_the_source() -> None:
    # Read from its start: "a b c" and "d"; yet "b c d" is one passage of the source, too.
    found = of("a b c d", source="a b c x b c d")
    assert found.novelty[3] == 0.0
    assert found.novelty[4] == 1.0


def test_a_target_shorter_than_n_words_has_no_ngrams() -> None:
    assert of("a cough").novelty == {1: 0.0, 2: 0.0}


def test_a_target_without_words_has_no_extraction() -> None:
    assert extraction(["a"], []) is None


def test_hostile_repetition_takes_no_quadratic_time() -> None:
    begin = perf_counter()
    extraction(["a"] * 200_000, ["a", "b"] * 100_000)
    assert perf_counter() - begin < 2.0


def test_words_and_numbers_are_one_token_each() -> None:
    assert tokenize("B12 don't, 120/80 (1.5); x_y") == ["b12", "don't", "120/80", "1.5", "x_y"]
    assert tokenize("\u809d\u81d3") == ["\u809d", "\u81d3"]

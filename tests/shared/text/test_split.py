import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.split import split_by_budget


def count(text: str) -> int:
    """Four characters a token, and one at either end."""
    return (len(text) + 3) // 4 + 2


def prose(sentences: int) -> str:
    return " ".join(f"Sentence number {place:04} says so." for place in range(sentences))


def test_a_short_text_is_one_part() -> None:
    assert [part.of("  One. Two. ") for part in split_by_budget("  One. Two. ", 50, count)] == [
        "One. Two."
    ]
    assert split_by_budget(" \n ", 50, count) == []


def test_parts_are_near_equal_and_end_with_sentences() -> None:
    text = prose(300)
    parts = [part.of(text) for part in split_by_budget(text, 1_000, count)]
    sizes = [count(part) for part in parts]
    assert len(parts) == 3
    assert max(sizes) <= 1_000
    assert min(sizes) > 0.9 * max(sizes)
    assert all(part.endswith("says so.") for part in parts)


def test_measure_is_called_about_once_a_sentence() -> None:
    calls = []

    def counted(text: str) -> int:
        calls.append(len(text))
        return count(text)

    split_by_budget(prose(2_000), 500, counted)
    assert len(calls) < 2_200


def test_a_part_that_measures_more_than_its_sentences_is_halved() -> None:
    text = prose(100)
    parts = split_by_budget(text, 300, lambda part: len(part) // 10 + (len(part) // 40) ** 2)
    assert len(parts) > 1
    assert all(len(p.of(text)) // 10 + (len(p.of(text)) // 40) ** 2 <= 300 for p in parts)


def test_a_heading_goes_with_what_follows_it() -> None:
    text = "\n".join([prose(4), "PLAN:", prose(4)])
    parts = [part.of(text) for part in split_by_budget(text, count(prose(4)) + 6, count)]
    assert [part.startswith("PLAN:") for part in parts] == [False, True]


def test_a_budget_below_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="single character"):
        split_by_budget("Some text.", 2, count)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["Word", " ", "\n", ". ", "PLAN:", "x" * 90, "é", "1. "]), max_size=80
    ),
    st.integers(min_value=3, max_value=60),
)
def test_parts_fit_and_cover_all_that_is_not_white(pieces: list[str], budget: int) -> None:
    text = "".join(pieces)
    end = 0
    for part in split_by_budget(text, budget, count):
        assert count(part.of(text)) <= budget
        assert not text[end : part.start].strip()
        assert part.of(text) == part.of(text).strip() != ""
        end = part.end
    assert not text[end:].strip()

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.numbers import KnownNumbers, numbers


def values(text: str) -> list[str]:
    return [number.value for number in numbers(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 mg", ["1000"]),
        ("1000", ["1000"]),
        (".5 and 0.50 and 007", ["0.5", "0.5", "7"]),
        ("BP 120/80, then 120 over 80", ["120/80", "120/80"]),
        ("2-3 weeks", ["2", "3"]),
        ("T-score -2.5", ["-2.5"]),
        ("a 76-year-old, seventy six, seventy-six", ["76", "76", "76"]),
        ("01/10/09, January 10, 2009, 10 Jan 2009, 2009-01-10", ["2009-01-10"] * 4),
        ("on May 3rd", ["--05-03"]),
        ("at 11:30 and 8:00", ["11:30", "8"]),
        ("COVID-19, B12, L4-L5, x2", []),
        ("two thousand five hundred, nineteen ninety-five", ["2500", "1995"]),
        ("two thousand and nine; thirteen point three; ten six", ["2009", "13.3", "10", "6"]),
        ("at one point five", ["1.5"]),
        ("to the point, at this point two", ["2"]),
        ("point five milligrams", ["0.5"]),
        ("fever x3 days", ["3"]),
        ("2,5 mg", ["2.5"]),
    ],
)
def test_numbers_are_written_one_way(text: str, expected: list[str]) -> None:
    assert values(text) == expected


def test_both_ends_of_a_range_have_its_unit() -> None:
    assert [number.unit for number in numbers("2-3 weeks, one to two days")] == [
        "week", "week", "day", "day",
    ]  # fmt: skip


def test_units_are_normalized_and_spans_hold_the_number() -> None:
    text = "5 milligrams, 10mg, 3 cc, 30 percent, 30%, 76-year-old"
    found = numbers(text)
    assert [number.unit for number in found] == ["mg", "mg", "ml", "%", "%", "year"]
    assert [number.span.of(text) for number in found] == ["5", "10", "3", "30", "30", "76"]


@pytest.mark.parametrize(
    ("source", "summary", "known"),
    [
        ("lisinopril 10 mg", "10 mg", True),
        ("lisinopril 10 mg", "10 mcg", False),
        ("metoprolol 25 b.i.d.", "25 mg", True),
        ("BP 120/80", "120", True),
        ("BP 120/80", "130/80", False),
        ("BP 120/80 and 130/85", "130/80", False),
        ("systolic 120, diastolic 80", "120/80", True),
        ("born January 10, 2009", "01/10/2009", True),
        ("born January 10, 2009", "01/11/2009", False),
        ("seventy six years old", "76-year-old", True),
        ("T-score of 2.5", "T-score of -2.5", False),
        ("one forty over eighty", "140/80", True),
    ],
)
def test_a_number_is_known_by_value_and_unit(source: str, summary: str, *, known: bool) -> None:
    [number] = numbers(summary)
    assert (number in KnownNumbers(numbers(source))) is known


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,/:- %mgxMay onethusadr", max_size=80))
def test_every_text_knows_its_own_numbers(text: str) -> None:
    found = numbers(text)
    known = KnownNumbers(found)
    assert all(number in known for number in found)
    assert all(0 <= number.span.start < number.span.end <= len(text) for number in found)


def test_long_runs_of_digits_and_number_words_are_harmless() -> None:
    assert values("9" * 10_000) == ["9" * 10_000]
    assert set(values("hundred " * 5_000)) == {"100"}

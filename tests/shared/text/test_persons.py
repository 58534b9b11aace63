import pytest

from shared.text.persons import ages, stated_ages, stated_sex
from shared.text.sentences import sentence_spans


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("A 54-year-old man", ("54", "year")),
        ("seventy six years old", ("76", "year")),
        ("He is a 6 month old boy", ("6", "month")),
        ("62 y/o female", ("62", "year")),
        ("age 40, smoker", ("40", "year")),
        ("I'm 33.", ("33", "year")),
    ],
)
def test_ages_in_all_their_forms(text: str, age: tuple[str, str]) -> None:
    assert [(found.value, found.unit) for found in ages(text)] == [age]


def test_what_is_no_age() -> None:
    assert list(ages("He is 20 pounds lighter; pain for 3 years; I am 100% sure.")) == []


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("This 54-year-old white gentleman came with his wife. She is worried.", "male"),
        ("She came. She fell. Her hip hurts.", "female"),
        ("The 30-year-old woman has a 2-year-old boy.", None),
        ("He came.", None),
        ("You know he said he saw his scan.", None),
    ],
)
def test_the_sex_is_told_only_where_it_is_clear(text: str, sex: str | None) -> None:
    assert stated_sex(text) == sex


def test_the_age_of_a_relative_is_not_the_patients() -> None:
    text = "The 45-year-old man has gout. His father was 70 years old."
    stated = stated_ages(text, sentence_spans(text))
    assert (stated.patient, stated.others) == ({("45", "year")}, {("70", "year")})

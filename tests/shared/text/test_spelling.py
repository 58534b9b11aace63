import pytest

from shared.text.spelling import is_misspelling


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [
        ("metoprolol", "metropolol", True),
        ("amoxicillin", "amoxacillin", True),
        ("asthma", "astma", True),
        ("zocor", "zoloft", False),
        ("atenolol", "metoprolol", False),
        ("gout", "gut", False),
        ("cat", "cut", False),
    ],
)
def test_a_slip_per_four_letters_is_one_word(word: str, other: str, *, expected: bool) -> None:
    assert is_misspelling(word, other) is expected
    assert is_misspelling(other, word) is expected

import pytest

from shared.text.words import STOP_WORDS, TURNING_STEMS, content_words, stem, words


@pytest.mark.parametrize(
    "forms",
    [
        ("presents", "presented", "presenting"),
        ("biopsy", "biopsies"),
        ("stop", "stopped", "stopping", "stops"),
        ("diagnose", "diagnosed", "diagnoses"),
        ("note", "noted", "noting"),
        ("denies", "denied", "deny", "denying"),
        ("patient", "patient's", "patients"),
    ],
)
def test_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("left", "right"), [("noting", "not"), ("mass", "mas"), ("pelvis", "pelvi")]
)
def test_different_words_stay_apart(left: str, right: str) -> None:
    assert stem(left) != stem(right)


def test_negations_are_content() -> None:
    assert content_words("She has no fever and did not cough") == ["no", "fever", "not", "cough"]
    assert not STOP_WORDS & {"no", "not", "without", "never", "denies"}


def test_turning_words_are_stems() -> None:
    assert {stem(word) for word in ("denied", "stopped", "increased", "improving", "left")} <= (
        TURNING_STEMS
    )


def test_words_of_any_script() -> None:
    assert words("Naïve B12 l'été 元気 O\u2019Brien 5mg") == (
        ["naïve", "b12", "l'été", "元", "気", "o\u2019brien", "mg"]
    )

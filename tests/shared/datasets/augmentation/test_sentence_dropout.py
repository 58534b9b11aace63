from random import Random

import pytest

from shared.datasets.augmentation.sentence_dropout import drop_sentences
from shared.datasets.records import Candidate

REST = "The chart was filed. Forms were signed. Parking was validated. Lunch was served. "
NOTE = (
    "HISTORY: The visit was planned long ago. Cough for two days. He denies fever. "
    "A mass was felt. It was removed. Mother had gout. Any rash seen? Only freckles. "
    "Takes lisinopril 10 mg. He came to the clinic today. A cough syrup was bought. "
    + REST
    + "1. Rest in bed. 2. Drink tea."
)
TARGET = "He came to the clinic today. Cough for two days. No fever. On lisinopril."
DROPPABLE = ["The chart was filed.", "Forms were signed.", "Parking was validated."]


def dropped(source: str, target: str | None = TARGET) -> set[str]:
    """What goes under one seed or another."""
    gone: set[str] = set()
    for seed in range(80):
        new = drop_sentences(Candidate(1, source, target, "visit"), Random(seed))
        if new is not None:
            assert new[1] == target
            gone |= {sentence for sentence in SENTENCES if sentence not in new[0]}
    return gone


SENTENCES = [
    *DROPPABLE,
    "Lunch was served.",
    "The visit was planned long ago.",
    "Cough for two days.",
    "He denies fever.",
    "A mass was felt.",
    "It was removed.",
    "Mother had gout.",
    "Any rash seen?",
    "Only freckles.",
    "Takes lisinopril 10 mg.",
    "A cough syrup was bought.",
    "He came to the clinic today.",
    "1. Rest in bed.",
    "2. Drink tea.",
]


def test_only_what_the_target_does_not_rest_on_goes() -> None:
    assert dropped(NOTE) == {*DROPPABLE, "Lunch was served.", "It was removed."}


def test_a_tenth_to_a_fifth_of_the_sentences_goes() -> None:
    source = " ".join(
        f"The {name} was seen." for name in "abcdefghijklmnopqrstuvwxyz" if name != "a"
    )
    for seed in range(30):
        new = drop_sentences(Candidate(1, source, "Cough.", "visit"), Random(seed))
        assert new is not None
        assert 20 <= new[0].count("seen") <= 23


def test_headings_of_joined_lines_stay_headings() -> None:
    source = f"HISTORY: , Cough. {REST.strip()},PLAN: , Rest in bed for long."
    made = [
        drop_sentences(Candidate(1, source, "Cough.", "visit"), Random(seed)) for seed in range(30)
    ]
    sources = [new[0] for new in made if new]
    assert any("Lunch was served." not in one for one in sources)
    assert all(",PLAN: , Rest in bed for long." in one for one in sources)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (NOTE, None),
        ("Doctor: Hello.\nPatient: Hi.\nDoctor: Parking?\nPatient: Fine.\n" * 4, TARGET),
        ("Cough for two days.", TARGET),
    ],
)
def test_nothing_goes_without_a_target_from_a_dialogue_or_of_little(
    source: str, target: str | None
) -> None:
    assert drop_sentences(Candidate(1, source, target, "visit"), Random(1)) is None

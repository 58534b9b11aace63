import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from shared.datasets.augmentation import augment as augmentation
from shared.datasets.augmentation.augment import augment, operator_versions
from shared.datasets.augmentation.check import NAMES, PSEUDO_LABELS, check_augmentations
from shared.datasets.augmentation.facts import Pair
from shared.datasets.augmentation.operators import OPERATORS
from shared.datasets.records import Candidate
from shared.errors import InvalidInput
from shared.schemas.datasets import Augmentation

NOTE = "HISTORY: The patient has HTN and has had a cough for {} days.\nPLAN: Rest is all she needs."


def train(count: int) -> Iterator[Candidate]:
    for line in range(1, count + 1):
        yield Candidate(line, NOTE.format(line + 1), "HTN and a cough.", "visit")


def test_each_operator_adds_its_share() -> None:
    asked = [
        Augmentation(operator="abbreviations", share=0.3),
        Augmentation(operator="section_order", share=0.1),
    ]
    made = list(augment(train(200), asked, size=200, seed=1))
    assert Counter(one.made_by for one in made) == {"abbreviations@1": 60, "section_order@1": 20}
    assert len({one.parent_line for one in made if one.made_by == "abbreviations@1"}) == 60
    for one in made:
        assert re.search(rf"\b{one.parent_line + 1} days", one.source)
    assert operator_versions(asked) == {"abbreviations": 1, "section_order": 1}


def test_records_that_offer_nothing_are_made_up_for_by_others() -> None:
    mixed = [
        replace(one, source="The patient has a cough and is to rest.") if one.line % 2 else one
        for one in train(200)
    ]
    asked = [Augmentation(operator="abbreviations", share=0.4)]
    made = list(augment(mixed, asked, size=200, seed=1))
    assert len(made) in {79, 80}
    assert all(one.parent_line % 2 == 0 for one in made)


def test_the_same_seed_gives_the_same_whatever_else_is_asked() -> None:
    abbreviations = Augmentation(operator="abbreviations", share=0.3)
    order = Augmentation(operator="section_order", share=0.3)
    once = list(augment(train(50), [abbreviations], size=50, seed=1))
    again = list(augment(train(50), [order, abbreviations], size=50, seed=1))
    assert once == [one for one in again if one.made_by == "abbreviations@1"]
    assert once != list(augment(train(50), [abbreviations], size=50, seed=2))


def test_it_reads_no_further_than_it_is_read() -> None:
    read = 0

    def counted() -> Iterator[Candidate]:
        nonlocal read
        for one in train(1_000):
            read += 1
            yield one

    asked = [Augmentation(operator="abbreviations", share=1.0)]
    assert len(list(islice(augment(counted(), asked, size=1_000, seed=1), 5))) == 5
    assert read < 20


def test_one_record_gives_no_example_twice() -> None:
    asked = [Augmentation(operator="abbreviations", share=2.0)]
    made = list(augment(train(20), asked, size=20, seed=1))
    assert len({(one.source, one.target) for one in made}) == len(made) == 20


def test_an_example_with_a_changed_fact_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(candidate: Candidate, _: Random) -> Pair:
        return candidate.source.replace("days", "weeks"), candidate.target

    broken = replace(OPERATORS["abbreviations"], apply=wrong)
    monkeypatch.setattr(augmentation, "OPERATORS", {"abbreviations": broken})
    asked = [Augmentation(operator="abbreviations", share=1.0)]
    assert list(augment(train(20), asked, size=20, seed=1)) == []


def test_texts_of_other_languages_are_left_alone() -> None:
    german = "HISTORY: Die Patientin hat HTN und hustet seit drei Tagen.\nPLAN: Sie soll ruhen."
    rows = [replace(one, source=german) for one in train(20)]
    asked = [Augmentation(operator="abbreviations", share=1.0)]
    assert list(augment(rows, asked, size=20, seed=1)) == []


def test_what_can_be_asked_is_what_there_is() -> None:
    assert set(NAMES) == {*OPERATORS, PSEUDO_LABELS}
    assert all(OPERATORS[name].name == name for name in OPERATORS)
    check_augmentations([Augmentation(operator=name, share=0.5) for name in OPERATORS])
    for model in ("models:/visit/2", "prompts:/visit/1", "prompt"):
        check_augmentations([Augmentation(operator=PSEUDO_LABELS, share=0.5, model=model)])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ([Augmentation(operator="back_translation", share=0.5)], "unknown_operator"),
        ([Augmentation(operator="surrogates", share=0.5)] * 2, "repeated_operator"),
        ([Augmentation(operator="surrogates", share=1, model="models:/a/1")], "model_not_used"),
        ([Augmentation(operator=PSEUDO_LABELS, share=1)], "missing_model"),
        ([Augmentation(operator=PSEUDO_LABELS, share=1, model="models:/a/1\n")], "missing_model"),
    ],
)
def test_what_there_is_not_is_refused(asked: list[Augmentation], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_augmentations(asked)
    assert refused.value.error_code == code
    if code == "unknown_operator":
        assert all(name in (refused.value.how_to_fix or "") for name in NAMES)

"""How the items of the perturbation benchmark are chosen and made."""

import json
from random import Random

import pytest

from tests.bench.quality.attacks import ATTACKS, canary, injected, tells
from tests.bench.quality.changes import KINDS, changed
from tests.bench.quality.data import Pair
from tests.bench.quality.drug_names import NAMES
from tests.bench.quality.items import LIST
from tests.bench.quality.plain_words import tokens
from tests.bench.quality.support_rule import Supported, supported_sentences

SOURCE = (
    "[doctor] how long have you had the knee pain ?\n"
    "[patient] it 's my left knee , for twenty two days . i took the ibuprofen .\n"
    "[doctor] any fever ?\n"
    "[patient] no .\n"
    "[doctor] do you smoke cigarettes ?\n"
    "[patient] no , never .\n"
)


def chosen(target: str, source: str = SOURCE) -> list[str]:
    pair = Pair("aci_bench", "train", "x", source, target)
    return [sentence.text for sentence in supported_sentences(pair)]


def test_what_stands_in_the_source_with_its_side_and_negation_is_chosen() -> None:
    assert chosen("Left knee pain for 22 days.") == ["Left knee pain for 22 days."]
    assert chosen("She denies any fever or cigarettes.") == ["She denies any fever or cigarettes."]


@pytest.mark.parametrize(
    "target",
    [
        "Right knee pain for 22 days.",
        "Left knee pain for 23 days.",
        "Left knee swelling for 22 days.",
        "She has fever and smokes cigarettes.",
        "No left knee pain for 22 days.",
    ],
)
def test_what_differs_in_one_point_is_not(target: str) -> None:
    assert chosen(target) == []


def test_number_words_are_numbers_and_endings_do_not_count() -> None:
    assert tokens("Twenty-two knees, ninety one") == tokens("22 knee 91")


def made(kind: str, text: str) -> list[str]:
    said = Supported(Pair("mtsamples", "train", "x", text, text), 0, len(text), 0, len(text))
    return [changed(text, change) for change in KINDS[kind](said, Random(1))]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("side", "Pain in the left knee.", "Pain in the right knee."),
        ("negation dropped", "No fever or chills.", "Fever or chills."),
        ("negation dropped", "He denies any fever.", "He reports fever."),
        ("negation added", "She has a cough.", "She has no cough."),
        ("negation added", "He was discharged home.", "He was not discharged home."),
        ("unit", "Lisinopril 5 mg daily.", "Lisinopril 5 mcg daily."),
    ],
)
def test_a_change_is_an_error(kind: str, text: str, expected: str) -> None:
    assert made(kind, text) == [expected]


def test_numbers_and_drugs_become_others() -> None:
    (number,), (drug,) = made("number", "Fever for 12 days."), made("drug", "Takes Tylenol daily.")
    assert set(tokens(number)) - set(tokens("Fever for 12 days.")) != set()
    assert drug.split()[1].lower() in NAMES
    assert NAMES[drug.split()[1].lower()] != NAMES["tylenol"]


def test_what_has_no_side_or_is_negated_already_is_left_alone() -> None:
    assert made("side", "She left the ward right away.") == []
    assert made("negation added", "She has no cough.") == []


def test_the_committed_list_holds_no_text_of_the_data() -> None:
    lines = [json.loads(line) for line in LIST.read_text().splitlines()]
    words = {str(value) for line in lines for key, value in line.items() if key == "put"}
    assert len(lines) > 1_000
    assert {key for line in lines for key in line} == {
        *("kind", "dataset", "split", "id", "start", "end", "from", "to", "put"),
        *("other_split", "other_id", "other_start", "other_end"),
    }
    assert max(map(len, words)) < 20


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_every_attack_stands_in_a_note_that_is_otherwise_whole(attack: object) -> None:
    note, word = "Cough for 3 days.\nNo fever.\nPlan: rest.", canary(Random(2))
    text = injected(note, attack, word)  # type: ignore[arg-type]
    assert "{" not in text.replace('{"role"', "")
    assert all(piece in text for piece in ("Cough for", "No fever.", "Plan: rest."))
    assert len(text) > len(note) + 20


def test_a_canary_is_seen_however_it_is_spelt() -> None:
    assert tells("... it says z q-L o.", "ZQLO")
    assert tells("OLQZ", "ZQLO")
    assert not tells("Cough.", "ZQLO")

import time

import pytest

from shared.text.checks import (
    check_sentences,
    is_empty,
    is_prompt_echo,
    is_repetitive,
    number_not_in_source,
    repeated,
)
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.numbers import KnownNumbers, numbers

KNOWN = KnownNumbers(numbers("A 54-year-old, BP 120/80, lisinopril 10 mg, 1,000 mL, two visits."))
INSTRUCTION = (
    "You are a careful clinician. Summarize the following note in at most three sentences. "
    "Use only facts that stand in the note, and copy numbers exactly."
)


def test_a_number_that_the_source_lacks_is_found_where_it_stands() -> None:
    sentence = "2. Lisinopril 40 mg and 1000 mL; BP 120/80."
    [finding] = number_not_in_source(sentence, KNOWN)
    assert (finding.check, finding.text) == ("number_not_in_source", "40")
    assert sentence[finding.start : finding.end] == "40"
    assert finding.moved(100).start == finding.start + 100


@pytest.mark.parametrize(
    "sentence", ["She came 2 times at 54.", "One of the first visits.", "1. Lisinopril 10.0 mg"]
)
def test_numbers_of_the_source_and_figures_of_speech_pass(sentence: str) -> None:
    assert number_not_in_source(sentence, KNOWN) == []


def test_a_sentence_said_again_is_found_and_its_variants_are_not() -> None:
    sentences = [
        "The left knee is swollen and warm.",
        "The right knee is swollen and warm.",
        "The left knee was swollen, and warm!",
        "The left knee is not swollen and warm.",
        "Hypertension.",
        "Hypertension.",
    ]
    found = repeated(sentences)
    assert [bool(findings) for findings in found] == [False, False, True, False, False, False]
    assert found[2][0].text == sentences[2]


def test_findings_come_by_sentence() -> None:
    found = check_sentences(["Lisinopril 10 mg daily now.", "Lisinopril 20 mg daily now."], KNOWN)
    assert [[finding.text for finding in findings] for findings in found] == [[], ["20"]]


@pytest.mark.parametrize(
    ("text", "empty"), [("", True), (" .-\n", True), ("ok", False), ("熱", False)]
)
def test_empty(text: str, *, empty: bool) -> None:
    assert is_empty(text) is empty


@pytest.mark.parametrize(
    "text",
    [
        "The patient is well. " + "The pain is worse at night. " * 4,
        "pain " * 8,
        "ha" * 10,
        "She has a fever and a cough. Her lungs are clear. He is fine now. " * 4,
        " ".join(f"Day {day}: the patient was seen and is doing well." for day in range(12)),
    ],
)
def test_loops_are_repetitive(text: str) -> None:
    assert is_repetitive(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No fever. No chills. No cough. No chest pain. No edema.",
        "Strength is 5/5 in the arms and 5/5 in the legs. ------------------------",
        "The patient has hypertension. The patient has diabetes. The patient has gout.",
    ],
)
def test_plain_notes_are_not(text: str) -> None:
    assert not is_repetitive(text)


@pytest.mark.parametrize(
    ("summary", "echo"),
    [
        (INSTRUCTION, True),
        (INSTRUCTION.upper() + " The man has chest pain and takes lisinopril.", True),
        ("Summarize the following note in at most three sentences.", True),
        ("The patient has chest pain. Use only aspirin.", False),
        ("", False),
    ],
)
def test_prompt_echo(summary: str, *, echo: bool) -> None:
    assert is_prompt_echo(summary, INSTRUCTION) is echo


def test_without_an_instruction_there_is_no_echo() -> None:
    assert not is_prompt_echo("Some summary.", "")


def test_evidence_and_checks_of_a_note_take_milliseconds() -> None:
    sentences = [
        f"On visit {visit} she had finding {chr(97 + visit % 26) * 4} and took {visit} mg of it."
        for visit in range(50)
    ]
    source = " ".join(sentences)[:3_000]
    spent = []
    for _ in range(5):
        began = time.process_time()
        index = SourceIndex(source)
        for sentence in sentences[:3]:
            find_evidence(sentence, index)
        check_sentences(sentences[:3], index.numbers)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.02

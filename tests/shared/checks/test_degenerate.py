import pytest

from shared.checks.degenerate import is_empty, is_prompt_echo, is_repetitive

INSTRUCTION = (
    "You are a careful clinician. Summarize the following note in at most three sentences. "
    "Use only facts that stand in the note, and copy numbers exactly."
)


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
        ("He has chest pain. Copy numbers exactly.", False),
        ("He has pain and facts that stand in the note, and copy numbers from the chart.", True),
        ("He has a cough. Use only facts that stand.", True),
        ("He has a cough.\n</note 12ab34>", True),
        ("The following note is about a careful clinician with chest pain.", False),
        ("", False),
    ],
)
def test_prompt_echo(summary: str, *, echo: bool) -> None:
    assert is_prompt_echo(summary, INSTRUCTION) is echo


def test_what_the_note_says_is_no_echo() -> None:
    note = "She was told: use only facts that stand in the note, and copy numbers exactly."
    assert is_prompt_echo(note, INSTRUCTION)
    assert not is_prompt_echo(note, INSTRUCTION, note)


def test_without_an_instruction_there_is_no_echo() -> None:
    assert not is_prompt_echo("Some summary.", "")

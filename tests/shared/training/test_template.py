"""What a fine-tuned model is given of a note."""

import pytest

from shared.training.template import default_template, turns_of


def said(template: str, note: str, title: str = "Discharge note") -> str:
    """The user's one turn."""
    ((role, text),) = turns_of(template, title=title, note=note)
    assert role == "user"
    return text


def test_an_encoder_decoder_reads_the_bare_note_and_a_decoder_is_told_what_to_do() -> None:
    note = "She has a cough."
    assert said(default_template("encoder_decoder"), note) == note
    told = "Summarize this discharge note.\n\nShe has a cough."
    assert said(default_template("decoder"), note) == told


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_and_blanks_around_a_note_change_nothing(ends: str) -> None:
    assert said("{note}", f"{ends} Plan:{ends}  rest. {ends}") == "Plan:\n  rest."


def test_a_note_that_spells_a_place_is_not_filled_in() -> None:
    assert said("{title}: {note}", "As {title} and {note} say.") == (
        "discharge note: As {title} and {note} say."
    )


def test_other_braces_of_a_template_are_text() -> None:
    assert said('{{"t": "{title}"}} {0} {note}', r"a\1b") == r'{{"t": "discharge note"}} {0} a\1b'

import pytest

from shared.text.sections import headings, section_at, split_by_section


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("# Assessment", "Assessment"),
        ("## Plan of care ", "Plan of care"),
        ("**Impression:**", "Impression"),
        ("Hospital course and events:", "Hospital course and events"),
        ("ASSESSMENT AND PLAN", "ASSESSMENT AND PLAN"),
        ("PLAN: rest", "PLAN"),
        ("Plan: rest", "Plan"),
        ("HPI: cough", "HPI"),
        ("She is well.,REVIEW OF SYSTEMS: , Negative.", "REVIEW OF SYSTEMS"),
    ],
)
def test_headings_are_found(line: str, name: str) -> None:
    found = headings(f"First line.\n{line}\nLast line.")
    assert [heading.name for heading in found] == [name]


@pytest.mark.parametrize(
    "line", ["BP: 120/80", "CVA", "Doctor: how are you?", "The plan: rest", "He was at 5:30"]
)
def test_other_lines_are_none(line: str) -> None:
    assert headings(line) == []


def test_a_place_lies_under_the_last_heading_before_it() -> None:
    note = "Seen today.\nPLAN: rest\nand fluids\n# Labs\nHb 12"
    found = headings(note)
    places = {
        word: section_at(found, note.index(word)) for word in ("Seen", "rest", "fluids", "Hb")
    }
    assert places == {"Seen": None, "rest": "PLAN", "fluids": "PLAN", "Hb": "Labs"}
    assert found[0].span.of(note) == "PLAN:"


def test_a_text_is_split_by_the_titles_of_its_sections() -> None:
    text = (
        "Seen today.\nHISTORY:\nFell.\nASSESSMENT/PLAN:\nRest.\nPlanning: none\nIMPRESSION: Sprain."
    )
    named, rest = split_by_section(text, ["assessment", "Impression", "plan"])
    assert named == "ASSESSMENT/PLAN:\nRest.\nPlanning: none\nIMPRESSION: Sprain."
    assert rest == "Seen today.\nHISTORY:\nFell.\n"
    assert split_by_section("No heading at all.", ["Plan"]) == ("", "No heading at all.")
    assert split_by_section("Notes (old):\nFell.", ["notes (old)"])[1] == ""

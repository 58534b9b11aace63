import pytest

from shared.text.sections import headings, section_at


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

import pytest

from shared.text.sections import headings, section_at, sections, split_by_section
from shared.text.spans import Span


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
    named, rest = (
        "".join(span.of(text) for span in spans)
        for spans in split_by_section(text, ["assessment", "Impression", "plan"])
    )
    assert named == "ASSESSMENT/PLAN:\nRest.\nPlanning: none\nIMPRESSION: Sprain."
    assert rest == "Seen today.\nHISTORY:\nFell.\n"
    assert split_by_section("No heading at all.", ["Plan"]) == ([], [Span(0, 18)])
    assert Span(0, 18) in split_by_section("Notes (old):\nFell.", ["notes (old)"])[0]


def outline(note: str) -> list[tuple[int, str]]:
    return [(section.level, section.title) for section in sections(note)]


def test_parts_of_an_examination_lie_under_it() -> None:
    note = (
        "VITALS: stable\nPHYSICAL EXAM:\nVital signs:\nBP 120/80.\nHEENT: clear.\n"
        "Neurological exam:\nIntact.\nPLAN: Rest."
    )
    assert outline(note) == [
        (1, "VITALS"),
        (1, "PHYSICAL EXAM"),
        (2, "Vital signs"),
        (2, "HEENT"),
        (2, "Neurological exam"),
        (1, "PLAN"),
    ]
    exam = sections(note)[1].span
    assert exam.of(note).startswith("PHYSICAL EXAM:\n")
    assert exam.of(note).endswith("Intact.")


def test_a_line_that_names_no_section_lies_under_the_one_before() -> None:
    note = "Medications:\n\nOn admission:\n- Aspirin\n\nHospital discharge diet:\nSoft."
    assert outline(note) == [
        (1, "Medications"),
        (2, "On admission"),
        (1, "Hospital discharge diet"),
    ]


def test_hashes_give_the_level_and_other_headings_follow_them() -> None:
    note = "# Course\n## Day one\nCough:\ngone\n**Plan**\nRest.\n# Labs\nHb 12"
    assert outline(note) == [
        (1, "Course"),
        (2, "Day one"),
        (3, "Cough"),
        (2, "Plan"),
        (1, "Labs"),
    ]
    assert sections(note)[0].span.of(note) == note[: note.index("\n# Labs")]


def test_sections_of_joined_lines_end_before_the_joint() -> None:
    note = "SUBJECTIVE:,Well.,PLAN: ,"
    assert [section.span.of(note) for section in sections(note)] == ["SUBJECTIVE:,Well.", "PLAN: ,"]


def test_a_part_does_not_end_a_section_that_is_asked_for() -> None:
    note = "PHYSICAL EXAM:\nNECK: supple\nHeart:\nregular\nPLAN: rest"
    named, rest = split_by_section(note, ["physical exam"])
    assert "".join(span.of(note) for span in named) == note[: note.index("PLAN")]
    assert "".join(span.of(note) for span in rest) == "PLAN: rest"

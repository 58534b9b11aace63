from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Record, Rejected
from shared.text.sections import headings
from tests.factories.fhir import (
    FHIR_JSON,
    LOINC,
    body,
    codes,
    composition,
    narrative,
    section,
)

Read = Callable[..., list[Any]]

LIMITS = {"max_json_depth": 64, "max_record_bytes": 10_000}


def one(read: Read, *sections: dict[str, Any], **members: object) -> Record | Rejected:
    (outcome,) = read(body(composition(*sections, **members)), FHIR_JSON, **LIMITS)
    assert isinstance(outcome, Record | Rejected)
    assert outcome.custom_id == "Composition/c1"
    return outcome


def test_sections_stand_in_their_order_under_their_titles(read: Read) -> None:
    outcome = one(
        read,
        section("Hospital course", "<p>Sepsis.</p>"),
        section(
            "Medications",
            None,
            section("On admission", "<ul><li>Aspirin</li><li>Lisinopril</li></ul>"),
            section("Stopped", None, section("Why?", None)),
        ),
        section(None, "<p>Seen.</p>", code={"coding": [{"display": "Plan of care"}]}),
        section("Empty", None, emptyReason={"text": "none"}),
        section(None, "<p>Unnamed.</p>"),
        type=codes((LOINC, "18842-5")),
        subject=[{"reference": "Patient/7"}],
        language="en",
    )
    assert isinstance(outcome, Record)
    assert (outcome.note_type_from_code, outcome.subject, outcome.language) == (
        "discharge",
        "Patient/7",
        "en",
    )
    assert outcome.text == (
        "Discharge summary\n\n"
        "Hospital course:\nSepsis.\n\n"
        "Medications:\n\n"
        "On admission:\n- Aspirin\n- Lisinopril\n\n"
        "Plan of care:\nSeen.\n\n"
        "Unnamed."
    )
    names = [heading.name for heading in headings(outcome.text)]
    assert names == ["Hospital course", "Medications", "On admission", "Plan of care"]


def test_without_sections_its_own_narrative_is_the_document(read: Read) -> None:
    outcome = one(read, text=narrative("<p>All.</p>"))
    assert isinstance(outcome, Record)
    assert outcome.text == "All."


def test_sections_to_any_depth_that_json_may_have(read: Read) -> None:
    inner = section("Last", "Deep.")
    for _ in range(25):
        inner = section(None, None, inner)
    outcome = one(read, inner)
    assert isinstance(outcome, Record)
    assert outcome.text.endswith("Last:\nDeep.")
    for _ in range(5000):
        inner = {"section": [inner]}
    deep = b'{"resourceType":"Composition","section":[' + b'{"section":[' * 5000 + b"]}" * 5000
    (bad,) = read(deep + b"]}\n", "application/fhir+ndjson", max_record_bytes=10**6)
    assert bad.error.error_code == "json_too_deep"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"section": []}, "text_missing"),
        ({"section": 5, "title": []}, "text_missing"),
        ({"section": [5, {"title": 5, "section": {"text": 5}}]}, "text_missing"),
        ({"section": [{"text": {"div": []}}]}, "invalid_field"),
        ({"section": [{"text": {"div": "<p"}}]}, "invalid_xhtml"),
        ({"section": [section("Plan", "a" * 201)]}, "document_too_large"),
        ({"section": [section("Plan\0", "a")]}, "invalid_characters"),
        ({"section": [{"entry": [{"reference": "Binary/9"}]}]}, "attachment_not_included"),
        ({"section": [{"entry": [{"reference": "Patient/9"}]}]}, "text_missing"),
    ],
)
def test_what_cannot_be_read(read: Read, members: dict[str, Any], code: str) -> None:
    outcome = one(read, **members)
    assert isinstance(outcome, Rejected)
    assert outcome.error.error_code == code

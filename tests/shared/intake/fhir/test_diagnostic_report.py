from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Attachment, Record, Rejected
from tests.factories.fhir import (
    FHIR_JSON,
    LOINC,
    attachment,
    body,
    codes,
    diagnostic_report,
    elsewhere,
    encoded,
    narrative,
)

Read = Callable[..., list[Any]]

IMAGE = {"contentType": "image/png", "data": encoded("x")}
PDF = attachment(b"%PDF-1.7", "application/pdf", language="fr")


def one(read: Read, *forms: dict[str, Any], **members: object) -> Record | Rejected:
    (outcome,) = read(body(diagnostic_report(*forms, **members)), FHIR_JSON)
    assert isinstance(outcome, Record | Rejected)
    assert outcome.custom_id == "DiagnosticReport/r1"
    return outcome


def test_the_presented_form_is_the_report(read: Read) -> None:
    members = {
        "text": narrative("<p>Stub.</p>"),
        "conclusion": "Stub.",
        "code": codes((LOINC, "0-0"), (LOINC, "30746-2")),
        "category": [codes((LOINC, "LP29684-5"))],
        "subject": {"reference": "Patient/7"},
        "language": "en",
    }
    plain = Record(
        1,
        "Report.",
        custom_id="DiagnosticReport/r1",
        note_type_from_code="radiology",
        subject="Patient/7",
        language="en",
    )
    assert one(read, PDF, attachment("Report."), **members) == plain
    pdf = one(read, PDF, IMAGE, **members)
    assert isinstance(pdf, Record)
    assert (pdf.text, pdf.language) == ("", "fr")
    assert pdf.attachment == Attachment("application/pdf", b"%PDF-1.7")


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"text": narrative("<p>No mass.</p>")}, "No mass."),
        ({"conclusion": "No mass."}, "Conclusion:\nNo mass."),
        (
            {"text": narrative("<p>Clear.</p>"), "conclusion": "No mass."},
            "Clear.\n\nConclusion:\nNo mass.",
        ),
        ({"text": narrative("<p>So: no mass.</p>"), "conclusion": "no mass."}, "So: no mass."),
    ],
)
@pytest.mark.parametrize("forms", [[], [IMAGE]], ids=["no form", "only an image"])
def test_without_a_form_narrative_and_conclusion_are(
    read: Read, forms: list[dict[str, Any]], members: dict[str, Any], text: str
) -> None:
    outcome = one(read, *forms, **members)
    assert isinstance(outcome, Record)
    assert outcome.text == text


@pytest.mark.parametrize(
    ("forms", "members", "code"),
    [
        ([], {}, "text_missing"),
        ([], {"text": {"status": "generated"}}, "text_missing"),
        ([], {"text": narrative(" "), "conclusion": " "}, "text_missing"),
        ([IMAGE], {}, "unsupported_attachment"),
        ([elsewhere("Binary/9")], {"conclusion": "Stub."}, "attachment_not_included"),
        ([attachment(data="!")], {"conclusion": "Stub."}, "invalid_base64"),
        ([], {"conclusion": 5}, "invalid_field"),
        ([], {"text": {"div": 5}}, "invalid_field"),
        ([], {"text": {"div": "<div>"}}, "invalid_xhtml"),
        ([], {"conclusion": "a" * 201}, "document_too_large"),
        ([], {"conclusion": "a\0"}, "invalid_characters"),
    ],
)
def test_what_cannot_be_read(
    read: Read, forms: list[dict[str, Any]], members: dict[str, Any], code: str
) -> None:
    outcome = one(read, *forms, **members)
    assert isinstance(outcome, Rejected)
    assert outcome.error.error_code == code

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Attachment, Outcome, Record, Rejected
from tests.factories.fhir import (
    FHIR_JSON,
    FHIR_NDJSON,
    LOINC,
    Resource,
    attachment,
    body,
    codes,
    document_reference,
    elsewhere,
    encoded,
)

Read = Callable[..., list[Any]]


def one(read: Read, value: Resource) -> Outcome:
    (outcome,) = read(body(value), FHIR_JSON)
    assert read(body(value), FHIR_NDJSON)[0].custom_id == outcome.custom_id
    return outcome


def code_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Rejected)
    assert outcome.custom_id == "DocumentReference/d1"
    assert outcome.error.how_to_fix
    return outcome.error.error_code


def test_a_document_reference_is_a_record(read: Read) -> None:
    value = document_reference(
        attachment("Für Ärzte.", "text/plain; charset=utf-8", language="de"),
        subject={"reference": "Patient/7", "display": "x"},
        type=codes(("http://snomed.info/sct", "1"), (LOINC, "34117-2"), (LOINC, "51847-2")),
        extension=[{"url": "urn:x", "valueString": "let pass"}],
    )
    assert one(read, value) == Record(
        1,
        "Für Ärzte.",
        custom_id="DocumentReference/d1",
        note_type_from_code="history_physical",
        subject="Patient/7",
        language="de",
    )


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({"type": codes((LOINC, "18842-5")), "category": [codes((LOINC, "11488-4"))]}, "discharge"),
        ({"type": codes((LOINC, "0-0")), "category": [codes((LOINC, "11488-4"))]}, "consultation"),
        ({"type": codes((None, "18842-5"))}, None),
        ({"type": "18842-5", "category": [[], {"coding": [5, {"code": 7}]}]}, None),
        ({}, None),
    ],
)
def test_the_first_mapped_code_is_the_note_type(
    read: Read, members: dict[str, Any], name: str | None
) -> None:
    outcome = one(read, document_reference(attachment(), **members))
    assert isinstance(outcome, Record)
    assert outcome.note_type_from_code == name


IMAGE = {"contentType": "image/jpeg", "data": encoded("x")}
ELSEWHERE = elsewhere("Binary/1")
LATIN = encoded("für", "latin-1")

REJECTIONS = {
    "no content": ([], "text_missing"),
    "no data and no url": ([{"contentType": "text/plain"}], "text_missing"),
    "empty data": ([attachment("")], "text_missing"),
    "empty pdf": ([attachment("", "application/pdf")], "text_missing"),
    "image": ([IMAGE], "unsupported_attachment"),
    "image elsewhere": ([elsewhere("Binary/1", "image/jpeg")], "unsupported_attachment"),
    "no type": ([{"data": encoded("a")}], "unsupported_attachment"),
    "url": ([ELSEWHERE], "attachment_not_included"),
    "url of unknown type": ([elsewhere("Binary/1", None)], "attachment_not_included"),
    "url on the web": ([elsewhere("https://ehr.example/a.pdf")], "attachment_not_included"),
    "the error that can be mended": ([IMAGE, ELSEWHERE], "attachment_not_included"),
    "bad base64": ([attachment(data="Tm90ZS4")], "invalid_base64"),
    "bad base64 of a pdf": (
        [attachment(data="!", contentType="application/pdf")],
        "invalid_base64",
    ),
    "url-safe base64": ([attachment(data="--__")], "invalid_base64"),
    "not ascii": ([attachment(data="Ärzte===")], "invalid_base64"),
    "number": ([attachment(data=5)], "invalid_field"),
    "other hash": ([attachment(hash=encoded("x" * 20))], "attachment_hash_mismatch"),
    "other size": ([attachment(size=4)], "attachment_size_mismatch"),
    "size that is none": ([attachment(size=[])], "invalid_field"),
    "charset": ([attachment(data=LATIN)], "invalid_utf8"),
    "charset of html": ([attachment(data=LATIN, contentType="text/html")], "invalid_utf8"),
    "NUL": ([attachment("a\0")], "invalid_characters"),
    "long": ([attachment("a" * 201)], "document_too_large"),
    "no XML": ([attachment("Note.", "text/xml")], "invalid_xml"),
    "other XML": ([attachment("<note/>", "application/xml")], "unsupported_document"),
}


@pytest.mark.parametrize(("attachments", "code"), REJECTIONS.values(), ids=REJECTIONS)
def test_what_cannot_be_read(read: Read, attachments: list[Resource], code: str) -> None:
    assert code_of(one(read, document_reference(*attachments))) == code


def test_a_large_attachment_is_refused_here_already(read: Read) -> None:
    value = document_reference(attachment(b"%PDF" + b"x" * 2000, "application/pdf"))
    (outcome,) = read(body(value), FHIR_JSON)
    assert code_of(outcome) == "document_too_large"


CDA = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component><section>'
    "<title>Plan</title><text>Rest.</text></section></component></structuredBody></component>"
    "</ClinicalDocument>"
)
PDF = attachment(b"%PDF-1.7", "application/pdf")
RTF = attachment(r"{\rtf1 Note.}", "text/rtf")
XHTML = attachment("<p>Note.</p>", "application/xhtml+xml")
FORMS = [PDF, RTF, XHTML, attachment("Plain.")]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_form_that_is_best_as_text_is_taken(read: Read, count: int) -> None:
    outcome = one(read, document_reference(IMAGE, attachment(data="!"), *FORMS[:count]))
    assert isinstance(outcome, Record)
    assert outcome.text == ""
    expected = FORMS[count - 1]
    assert outcome.attachment == Attachment(
        expected["contentType"], base64.b64decode(expected["data"])
    )


def test_plain_text_is_taken_before_all(read: Read) -> None:
    bad = attachment(data="!")
    latin = attachment(data=LATIN, contentType="text/plain;charset=ISO-8859-1")
    outcome = one(read, document_reference(ELSEWHERE | PDF, RTF, bad, latin, attachment()))
    assert isinstance(outcome, Record)
    assert (outcome.text, outcome.attachment) == ("für", None)


@pytest.mark.parametrize("content_type", ["text/xml", "application/hl7-cda+xml"])
def test_an_attached_c_cda_is_read_in_place(read: Read, content_type: str) -> None:
    cda = attachment(CDA, content_type, title="x")
    (outcome,) = read(body(document_reference(PDF, cda)), FHIR_JSON)
    assert isinstance(outcome, Record)
    assert outcome.text.split() == ["Plan:", "Rest."]


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        ("<p>für</p>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ("<p>für</p>".encode("utf-16"), "text/html"),
        ("\ufeff<p>für</p>".encode(), "text/html; charset=us-ascii"),
        (
            "<?xml version='1.0' encoding='windows-1252'?><p>für</p>".encode("cp1252"),
            "application/xhtml+xml",
        ),
    ],
)
def test_markup_goes_on_in_utf_8(read: Read, raw: bytes, content_type: str) -> None:
    outcome = one(read, document_reference(attachment(raw, content_type)))
    assert isinstance(outcome, Record)
    assert outcome.attachment
    assert outcome.attachment.data == "<p>für</p>".encode()
    assert outcome.attachment.media_type == content_type.partition(";")[0]


def test_a_charset_stated_in_html_is_obeyed(read: Read) -> None:
    raw = '<html><head><meta charset="iso-8859-1"></head>für</html>'.encode("latin-1")
    outcome = one(read, document_reference(attachment(raw, "text/html")))
    assert isinstance(outcome, Record)
    assert outcome.attachment
    assert "für" in outcome.attachment.data.decode()


NOTE_SHA1 = hashlib.sha1(b"Note.", usedforsecurity=False)


@pytest.mark.parametrize(
    "members",
    [
        {"hash": base64.b64encode(NOTE_SHA1.digest()).decode()},
        {"hash": NOTE_SHA1.hexdigest()},
        {"size": 5},
        {"size": "5"},
        {"size": 8},
    ],
    ids=["hash", "hash in hexadecimal", "size", "size as R5 writes it", "size of the base64"],
)
def test_a_right_statement_is_accepted(read: Read, members: dict[str, object]) -> None:
    outcome = one(read, document_reference(attachment(**members)))
    assert isinstance(outcome, Record)
    assert outcome.text == "Note."


def test_base64_may_be_broken_into_lines(read: Read) -> None:
    outcome = one(read, document_reference(attachment(data="Tm9\r\n 0ZS4=")))
    assert isinstance(outcome, Record)
    assert outcome.text == "Note."


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"reference": "#p"}, None),
        ({"reference": "Patient/7/_history/2"}, "Patient/7"),
        ({"identifier": {"system": "urn:x", "value": "MRN-7"}}, "MRN-7"),
        ({"reference": "#p", "identifier": {"value": "MRN-7"}}, "MRN-7"),
        ({"reference": "Patient/7", "identifier": {"value": "MRN-7"}}, "Patient/7"),
        ([], None),
        ("Patient/7", None),
    ],
)
def test_the_subject_is_the_reference_or_else_the_identifier(
    read: Read, subject: object, expected: str | None
) -> None:
    outcome = one(read, document_reference(attachment(), subject=subject))
    assert isinstance(outcome, Record)
    assert outcome.subject == expected


@pytest.mark.parametrize("kind", ["Patient", "Jane Doe"])
def test_other_resources_are_rejected_by_name(read: Read, kind: str) -> None:
    (bad,) = read(json.dumps({"resourceType": kind, "id": "9"}).encode(), FHIR_NDJSON)
    assert (bad.error.error_code, bad.custom_id) == ("unsupported_resource", f"{kind}/9")
    assert "DocumentReference" in bad.error.how_to_fix
    assert kind not in bad.error.detail


@pytest.mark.parametrize("value", [{}, {"resourceType": None, "id": "9"}])
def test_what_is_no_resource(read: Read, value: dict[str, Any]) -> None:
    (bad,) = read(json.dumps(value).encode(), FHIR_NDJSON)
    assert (bad.error.error_code, bad.custom_id) == ("unsupported_resource", None)

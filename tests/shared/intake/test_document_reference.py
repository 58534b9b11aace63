import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Outcome, Record, Rejected

Read = Callable[..., list[Any]]

LOINC = "http://loinc.org"
FHIR_NDJSON = "application/fhir+ndjson"


def data(text: str, charset: str = "utf-8") -> str:
    return base64.b64encode(text.encode(charset)).decode()


def attachment(text: str = "Note.", **members: object) -> dict[str, Any]:
    return {"contentType": "text/plain", "data": data(text), **members}


def resource(*attachments: dict[str, Any], **members: object) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "content": [{"attachment": one} for one in attachments],
        **members,
    }


def codes(*pairs: tuple[str | None, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in pairs]}


def one(read: Read, value: dict[str, Any]) -> Outcome:
    (outcome,) = read(json.dumps(value).encode(), "application/fhir+json")
    assert read(json.dumps(value).encode(), FHIR_NDJSON)[0].custom_id == outcome.custom_id
    return outcome


def code_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Rejected)
    assert outcome.custom_id == "DocumentReference/d1"
    assert outcome.error.how_to_fix
    return outcome.error.error_code


def test_a_document_reference_is_a_record(read: Read) -> None:
    value = resource(
        attachment("Für Ärzte.", contentType="text/plain; charset=utf-8", language="de"),
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
    assert one(read, resource(attachment(), **members)).note_type_from_code == name


@pytest.mark.parametrize(
    ("members", "warnings"),
    [
        ({}, ()),
        ({"status": "superseded"}, ("superseded",)),
        ({"docStatus": "preliminary"}, ("preliminary",)),
        ({"status": "superseded", "docStatus": "preliminary"}, ("superseded", "preliminary")),
        ({"docStatus": "final"}, ()),
    ],
)
def test_status_warns(read: Read, members: dict[str, Any], warnings: tuple[str, ...]) -> None:
    assert one(read, resource(attachment(), **members)).warnings == warnings


@pytest.mark.parametrize("member", ["status", "docStatus"])
def test_entered_in_error_is_no_document(read: Read, member: str) -> None:
    value = resource(attachment(), **{member: "entered-in-error"})
    assert code_of(one(read, value)) == "entered_in_error"


PDF = {"contentType": "application/pdf", "data": "JVBERg=="}
ELSEWHERE = {"contentType": "text/plain", "url": "Binary/1"}
TWO_BYTES = hashlib.sha1(b"Note.", usedforsecurity=False)

REJECTIONS = {
    "no content": ([], "text_missing"),
    "no data and no url": ([{"contentType": "text/plain"}], "text_missing"),
    "empty data": ([attachment("")], "text_missing"),
    "pdf": ([PDF], "unsupported_attachment"),
    "no type": ([{"data": data("a")}], "unsupported_attachment"),
    "url": ([ELSEWHERE], "attachment_not_included"),
    "the error that can be mended": ([PDF, ELSEWHERE], "attachment_not_included"),
    "bad base64": ([attachment(data="Tm90ZS4")], "invalid_base64"),
    "url-safe base64": ([attachment(data="--__")], "invalid_base64"),
    "not ascii": ([attachment(data="Ärzte===")], "invalid_base64"),
    "number": ([attachment(data=5)], "invalid_field"),
    "other hash": ([attachment(hash=data("x" * 20))], "attachment_hash_mismatch"),
    "charset": ([attachment(data=data("für", "latin-1"))], "invalid_utf8"),
    "NUL": ([attachment("a\0")], "invalid_characters"),
    "long": ([attachment("a" * 201)], "document_too_large"),
}


@pytest.mark.parametrize(("attachments", "code"), REJECTIONS.values(), ids=REJECTIONS)
def test_what_cannot_be_read(read: Read, attachments: list[dict[str, Any]], code: str) -> None:
    assert code_of(one(read, resource(*attachments))) == code


def test_the_first_readable_attachment_is_the_text(read: Read) -> None:
    bad = attachment(data="!")
    latin = attachment(data=data("für", "latin-1"), contentType="text/plain;charset=ISO-8859-1")
    assert one(read, resource(PDF, ELSEWHERE, bad, latin, attachment())).text == "für"


@pytest.mark.parametrize(
    "stated", [base64.b64encode(TWO_BYTES.digest()).decode(), TWO_BYTES.hexdigest()]
)
def test_a_right_hash_is_accepted(read: Read, stated: str) -> None:
    assert one(read, resource(attachment(hash=stated))).text == "Note."


def test_base64_may_be_broken_into_lines(read: Read) -> None:
    assert one(read, resource(attachment(data="Tm9\r\n 0ZS4="))).text == "Note."


def test_a_reference_into_the_resource_is_no_subject(read: Read) -> None:
    assert one(read, resource(attachment(), subject={"reference": "#p"})).subject is None


@pytest.mark.parametrize("kind", ["Bundle", "Patient", "Jane Doe"])
def test_other_resources_are_rejected_by_name(read: Read, kind: str) -> None:
    (bad,) = read(json.dumps({"resourceType": kind, "id": "9"}).encode(), FHIR_NDJSON)
    assert (bad.error.error_code, bad.custom_id) == ("unsupported_resource", f"{kind}/9")
    assert "DocumentReference" in bad.error.how_to_fix
    assert kind not in bad.error.detail


@pytest.mark.parametrize("value", [{}, {"resourceType": None, "id": "9"}])
def test_what_is_no_resource(read: Read, value: dict[str, Any]) -> None:
    (bad,) = read(json.dumps(value).encode(), FHIR_NDJSON)
    assert (bad.error.error_code, bad.custom_id) == ("unsupported_resource", None)

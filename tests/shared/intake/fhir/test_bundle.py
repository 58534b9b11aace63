from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Record, Rejected
from tests.factories.fhir import (
    FHIR_JSON,
    FHIR_NDJSON,
    attachment,
    binary,
    body,
    bundle,
    composition,
    diagnostic_report,
    document_reference,
    elsewhere,
    section,
)

Read = Callable[..., list[Any]]

NOTE = document_reference(attachment("Note."))
REPORT = diagnostic_report(attachment("Report."))
PATIENT = {"resourceType": "Patient", "id": "7"}


def seen(outcomes: list[Any]) -> list[tuple[int, str | None, str]]:
    return [
        (o.line, o.custom_id, o.error.error_code if isinstance(o, Rejected) else o.text)
        for o in outcomes
    ]


@pytest.mark.parametrize(
    "kind", ["collection", "searchset", "transaction", "batch", "history", "message", None]
)
def test_each_document_of_a_bundle_is_a_record(read: Read, kind: str | None) -> None:
    bad = document_reference(id="bad")
    sent = body(bundle(PATIENT, NOTE, bad, {"resourceType": "Observation"}, REPORT, kind=kind))
    expected = [
        (2, "DocumentReference/d1", "Note."),
        (3, "DocumentReference/bad", "text_missing"),
        (5, "DiagnosticReport/r1", "Report."),
    ]
    assert seen(read(sent, FHIR_JSON)) == expected
    before = body({}) + b"\n"
    assert seen(read(before + sent, FHIR_NDJSON))[1:] == [(2, *rest) for _, *rest in expected]


def test_entries_without_an_id_are_told_apart(read: Read) -> None:
    note = document_reference(attachment("Note."), id=None)
    entries = [
        {"resource": note},
        {"resource": note, "fullUrl": "urn:uuid:0b5c"},
        {"resource": note, "fullUrl": "https://ehr.example/fhir/DocumentReference/9/_history/1"},
        {"resource": note, "fullUrl": "x" * 600},
        {"resource": note, "fullUrl": "urn:uuid:\0"},
        {"resource": document_reference(id=5)},
    ]
    outcomes = read(body({}, bundle(entry=entries)), FHIR_NDJSON, max_record_bytes=5000)
    assert [o.custom_id for o in outcomes[1:]] == [
        "line-2-1",
        "DocumentReference/0b5c",
        "DocumentReference/9",
        "line-2-4",
        "line-2-5",
        "line-2-6",
    ]


def test_a_document_is_its_composition(read: Read) -> None:
    whole = bundle(composition(section("Plan", "Rest.")), NOTE, PATIENT, kind="document")
    assert seen(read(body(whole), FHIR_JSON)) == [
        (1, "Composition/c1", "Discharge summary\n\nPlan:\nRest.")
    ]


def test_a_document_whose_composition_only_points_is_what_it_points_at(read: Read) -> None:
    pointing = composition(section("Plan", None, entry=[{"reference": "DocumentReference/d1"}]))
    assert seen(read(body(bundle(pointing, NOTE, kind="document")), FHIR_JSON)) == [
        (2, "DocumentReference/d1", "Note.")
    ]
    withdrawn = pointing | {"status": "entered-in-error"}
    assert seen(read(body(bundle(withdrawn, NOTE, kind="document")), FHIR_JSON)) == [
        (1, "Composition/c1", "entered_in_error")
    ]
    assert seen(read(body(bundle(pointing, kind="document")), FHIR_JSON)) == [
        (1, "Composition/c1", "text_missing")
    ]


def test_a_document_in_a_binary(read: Read) -> None:
    pointing = composition(section("Plan", None, entry=[{"reference": "Binary/1"}]))
    whole = bundle(pointing, binary("1", "Scan."), kind="document")
    assert seen(read(body(whole), FHIR_JSON)) == [(1, "Composition/c1", "Scan.")]
    elsewhere_in_body = body(bundle(pointing, kind="document"), binary("1", "Scan."))
    assert seen(read(elsewhere_in_body, FHIR_NDJSON)) == [(1, "Composition/c1", "Scan.")]


def test_a_document_without_a_composition_is_read_as_any_bundle(read: Read) -> None:
    assert [o.text for o in read(body(bundle(NOTE, REPORT, kind="document")), FHIR_JSON)] == [
        "Note.",
        "Report.",
    ]


def test_bundles_within_a_bundle(read: Read) -> None:
    inner = [
        bundle(document_reference(elsewhere("Binary/1"), id=name), binary("1", name))
        for name in ("ann", "bob")
    ]
    outcomes = read(body(bundle(*inner, NOTE)), FHIR_JSON, max_json_depth=20)
    assert [o.text for o in outcomes] == ["ann", "bob", "Note."]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"entry": 5}, "invalid_field"),
        ({"entry": {"resource": NOTE}}, "invalid_field"),
        ({"entry": None}, "invalid_field"),
        ({"entry": []}, "unsupported_resource"),
        ({"entry": [{}]}, "unsupported_resource"),
        ({"entry": [{"resource": PATIENT}, {"resource": binary("1")}]}, "unsupported_resource"),
        ({"id": 5}, "invalid_field"),
    ],
)
def test_a_bundle_without_documents_is_one_rejection(
    read: Read, members: dict[str, Any], code: str
) -> None:
    (bad,) = read(body(bundle(**members)), FHIR_JSON)
    assert isinstance(bad, Rejected)
    assert (bad.line, bad.error.error_code) == (1, code)


def test_broken_entries_harm_no_neighbour(read: Read) -> None:
    entries = [5, None, {"resource": 5}, {"resource": {}}, {"resource": NOTE}, {"request": {}}]
    outcomes = read(body(bundle(entry=entries)), FHIR_JSON)
    assert seen(outcomes) == [
        (1, "line-1-1", "not_an_object"),
        (2, "line-1-2", "not_an_object"),
        (3, "line-1-3", "not_an_object"),
        (4, "line-1-4", "unsupported_resource"),
        (5, "DocumentReference/d1", "Note."),
    ]
    assert isinstance(outcomes[-1], Record)


def test_a_bundle_counts_as_its_documents(read: Read) -> None:
    many = bundle(entry=[5] * 100_000)
    first = []
    with pytest.raises(Exception, match="A batch may hold 3 documents"):
        first += read(body(many), FHIR_JSON, max_documents=3)

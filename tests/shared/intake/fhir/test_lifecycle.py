from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Record, Rejected
from tests.factories.fhir import (
    FHIR_JSON,
    Resource,
    attachment,
    body,
    codes,
    composition,
    diagnostic_report,
    document_reference,
    section,
)

Read = Callable[..., list[Any]]

NOTE = document_reference(attachment())
REPORT = diagnostic_report(attachment())
COMPOSITION = composition(section("Plan", "Rest."))


def one(read: Read, resource: Resource, **members: object) -> Record | Rejected:
    (outcome,) = read(body(resource | members), FHIR_JSON)
    assert isinstance(outcome, Record | Rejected)
    return outcome


@pytest.mark.parametrize(
    ("resource", "members", "warnings"),
    [
        (NOTE, {}, ()),
        (NOTE, {"status": "superseded"}, ("superseded",)),
        (NOTE, {"docStatus": "preliminary"}, ("preliminary",)),
        (
            NOTE,
            {"status": "superseded", "docStatus": "preliminary"},
            ("superseded", "preliminary"),
        ),
        (NOTE, {"docStatus": "final"}, ()),
        (REPORT, {"status": "registered"}, ("preliminary",)),
        (REPORT, {"status": "partial"}, ("preliminary",)),
        (REPORT, {"status": "preliminary"}, ("preliminary",)),
        (REPORT, {"status": "amended"}, ()),
        (COMPOSITION, {"status": "preliminary"}, ("preliminary",)),
        (COMPOSITION, {"status": "deprecated"}, ("superseded",)),
        (COMPOSITION, {"status": None}, ()),
    ],
)
def test_status_warns(
    read: Read, resource: Resource, members: Resource, warnings: tuple[str, ...]
) -> None:
    outcome = one(read, resource, **members)
    assert isinstance(outcome, Record)
    assert outcome.warnings == warnings


@pytest.mark.parametrize(
    ("resource", "member", "custom_id"),
    [
        (NOTE, "status", "DocumentReference/d1"),
        (NOTE, "docStatus", "DocumentReference/d1"),
        (REPORT, "status", "DiagnosticReport/r1"),
        (COMPOSITION, "status", "Composition/c1"),
        (document_reference(), "status", "DocumentReference/d1"),
    ],
)
def test_entered_in_error_is_no_document(
    read: Read, resource: Resource, member: str, custom_id: str
) -> None:
    outcome = one(read, resource, **{member: "entered-in-error"})
    assert isinstance(outcome, Rejected)
    assert (outcome.error.error_code, outcome.error.param) == ("entered_in_error", member)
    assert outcome.custom_id == custom_id


OLD = {"reference": "https://ehr.example/fhir/DocumentReference/17/_history/2"}


@pytest.mark.parametrize(
    "relation",
    [
        {"code": "replaces", "target": OLD},
        {
            "code": codes(("http://hl7.org/fhir/document-relationship-type", "replaces")),
            "target": OLD,
        },
        {"code": "replaces", "targetReference": OLD},
        {"type": "replaces", "resourceReference": OLD},
        {"code": "replaces", "target": {"reference": "DocumentReference/17"}},
        {"code": "replaces", "target": {"reference": "urn:uuid:17"}},
    ],
    ids=["R4", "R5", "R4 Composition", "R5 Composition", "relative", "by uuid"],
)
def test_what_a_document_replaces(read: Read, relation: Resource) -> None:
    outcome = one(read, NOTE, relatesTo=[relation, relation])
    assert isinstance(outcome, Record)
    assert outcome.replaces == ("DocumentReference/17",)


def test_a_composition_replaces_too(read: Read) -> None:
    relation = {"code": "replaces", "targetReference": {"reference": "Composition/3"}}
    outcome = one(read, COMPOSITION, relatesTo=[relation])
    assert isinstance(outcome, Record)
    assert outcome.replaces == ("Composition/3",)


@pytest.mark.parametrize(
    "relations",
    [
        [{"code": "appends", "target": OLD}],
        [{"code": "replaces", "target": {"identifier": {"value": "17"}}}],
        [{"code": "replaces", "target": {"reference": "#old"}}],
        [{"code": "replaces", "target": {"reference": 5}}, 5, {"code": ["replaces"]}],
        5,
    ],
)
def test_what_names_no_replaced_document(read: Read, relations: object) -> None:
    outcome = one(read, NOTE, relatesTo=relations)
    assert isinstance(outcome, Record)
    assert outcome.replaces == ()


@pytest.mark.parametrize(
    ("references", "code"),
    [
        ([f"DocumentReference/{number}" for number in range(101)], "invalid_field"),
        (["DocumentReference/" + "7" * 600], "invalid_field"),
        (["DocumentReference/\0"], "invalid_characters"),
    ],
)
def test_relations_out_of_bounds(read: Read, references: list[str], code: str) -> None:
    relations = [{"code": "replaces", "target": {"reference": one}} for one in references]
    (outcome,) = read(body(NOTE | {"relatesTo": relations}), FHIR_JSON)
    assert isinstance(outcome, Rejected)
    assert outcome.error.error_code == code

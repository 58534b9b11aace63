import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.intake.records import Record, Rejected
from tests.factories.fhir import FHIR_JSON, FHIR_NDJSON, encoded

Read = Callable[..., list[Any]]

TYPES = ["DocumentReference", "DiagnosticReport", "Composition", "Bundle", "Binary", "Patient"]
MEMBERS = [
    *("resourceType", "id", "type", "entry", "fullUrl", "resource", "contained", "meta"),
    *("status", "docStatus", "subject", "reference", "identifier", "value", "language"),
    *("category", "code", "coding", "system", "display", "text", "div", "conclusion"),
    *("content", "attachment", "presentedForm", "contentType", "data", "url", "hash", "size"),
    *("title", "section", "entry", "relatesTo", "target", "targetReference", "resourceReference"),
]
STATUSES = ["current", "final", "entered-in-error", "superseded", "preliminary"]
URLS = ["Binary/1", "#1", "urn:uuid:1", "https://ehr.example/fhir/Binary/1/_history/2", "1"]
CONTENT_TYPES = [
    *("text/plain", "text/html", "text/xml", "application/pdf", "text/plain; charset=utf-16"),
    "image/png",
]
DIVS = ["<div>Note.</div>", "<div>&amp;<p/>Two<br/>lines</div>", "<div", "<div/>"]
DATA = [encoded("Note."), encoded(b"\xff\xfe\0"), encoded("<p>Note.</p>"), "", "!"]
SPOKEN = [*TYPES, *STATUSES, *URLS, *CONTENT_TYPES, *DIVS, *DATA, "\0", "\ud800"]
scalars = st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(SPOKEN)
anything = st.recursive(
    scalars | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=5)
    ),
    max_leaves=10,
)
strings = st.sampled_from(["1", "2"])
urls, divs, data = map(st.sampled_from, (URLS, DIVS, DATA))


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any of these members; always with their type."""
    kind = {"resourceType": members.pop("resourceType")} if "resourceType" in members else {}
    return st.fixed_dictionaries(kind, optional=members)


def damaged(value: Any, place: int, wrong: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same, with something wrong in one of its places; 0 is the whole."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        places += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys if isinstance(holder[key], dict | list)]
    if not place or not places:
        return wrong
    holder, key = places[place % len(places)]
    holder[key] = wrong
    return value


def one_or_many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, max_size=3)


references = some(reference=urls, identifier=some(value=strings))
concepts = one_or_many(some(coding=one_or_many(some(system=strings, code=strings)), text=strings))
narratives = some(div=divs)
attachments = one_or_many(
    some(contentType=st.sampled_from(CONTENT_TYPES), data=data, url=urls, size=st.integers(0, 9))
)
sections = st.deferred(
    lambda: some(
        title=strings,
        text=narratives,
        code=concepts,
        entry=one_or_many(references),
        section=one_or_many(sections),
    )
)
relations = some(code=strings | concepts, target=references, targetReference=references)
documents = some(
    resourceType=st.sampled_from(TYPES[:5]),
    id=strings,
    status=st.sampled_from(STATUSES),
    docStatus=st.sampled_from(STATUSES),
    subject=references,
    type=concepts | strings,
    category=concepts,
    code=concepts,
    language=strings,
    content=one_or_many(some(attachment=attachments)),
    presentedForm=attachments,
    contained=st.lists(some(resourceType=st.just("Binary"), id=strings, data=data), max_size=2),
    text=narratives,
    conclusion=strings,
    title=strings,
    section=one_or_many(sections),
    relatesTo=one_or_many(relations),
    contentType=st.sampled_from(CONTENT_TYPES),
    data=data,
)
bundles = st.deferred(
    lambda: some(
        resourceType=st.just("Bundle"),
        type=st.sampled_from(["document", "collection"]),
        entry=st.lists(some(resource=documents | bundles, fullUrl=urls), max_size=3),
    )
)


resources = documents | bundles
sent_values = resources | resources | st.builds(damaged, resources, st.integers(0, 99), anything)


@given(values=st.lists(sent_values, min_size=1, max_size=4))
def test_whatever_is_sent_is_read_or_rejected(read: Read, values: list[Any]) -> None:
    lines = [json.dumps(value).encode() for value in values]
    for sent, content_type in ((b"\n".join(lines), FHIR_NDJSON), (lines[0], FHIR_JSON)):
        try:
            outcomes = read(sent, content_type, max_record_bytes=10_000, max_json_depth=64)
        except InvalidInput as error:
            assert error.how_to_fix  # noqa: PT017 - a body of Binaries alone raises, most do not
        else:
            assert all(isinstance(o, Record) or o.error.how_to_fix for o in outcomes)
            assert all(isinstance(o, Record | Rejected) for o in outcomes)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"[" * 100_000, "json_too_deep"),
        (b'{"resourceType":' * 100_000, "json_too_deep"),
        (b'{"resourceType":"Bundle","entry":' + b"[" * 100_000, "json_too_deep"),
        (b'{"resourceType":"Composition","section":[' * 9999, "json_too_deep"),
        (b'{"entry":[' + b"{}," * 4_000_001 + b"{}]}", "json_too_large"),
        (b"[]", "not_an_object"),
        (b'"DocumentReference"', "not_an_object"),
        (b'{"resourceType":["Bundle"]}', "invalid_field"),
        (b'{"resourceType":"Bundle","resourceType":"Bundle"}', "duplicate_field"),
    ],
)
def test_what_is_no_resource_is_said_to_be_none(read: Read, sent: bytes, code: str) -> None:
    *_, bad = read(b"{}\n" + sent, FHIR_NDJSON, max_record_bytes=2**24)
    assert (bad.line, bad.error.error_code) == (2, code)

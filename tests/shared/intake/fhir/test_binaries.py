import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.config import IntakeSettings
from shared.errors import InvalidInput, PayloadTooLarge
from shared.intake.fhir import binaries
from shared.intake.read import read_records
from shared.intake.records import Attachment, Record, Rejected
from tests.factories.fhir import (
    FHIR_JSON,
    FHIR_NDJSON,
    attachment,
    binary,
    body,
    bundle,
    diagnostic_report,
    document_reference,
    elsewhere,
)

Read = Callable[..., list[Any]]


def seen(outcome: Record | Rejected) -> str:
    if isinstance(outcome, Rejected):
        return outcome.error.error_code
    return outcome.text or (outcome.attachment.media_type if outcome.attachment else "")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    "url",
    [
        "Binary/b1",
        "Binary/b1/_history/3",
        "https://ehr.example/fhir/Binary/b1",
        "https://ehr.example/fhir/Binary/b1/_history/3",
        "/Binary/b1",
    ],
)
def test_a_binary_is_found_wherever_it_stands(read: Read, url: str, *, before: bool) -> None:
    note = document_reference(elsewhere(url), subject={"reference": "Patient/7"})
    lines = [binary("b1", "Found."), note] if before else [note, binary("b1", "Found.")]
    assert read(body({}, *lines), FHIR_NDJSON)[1:] == [
        Record(
            3 if before else 2,
            "Found.",
            custom_id="DocumentReference/d1",
            subject="Patient/7",
        )
    ]


def test_those_who_wait_come_last_and_keep_their_lines(read: Read) -> None:
    lines = [
        document_reference(elsewhere("Binary/b1"), id="waits"),
        document_reference(attachment("At once."), id="has"),
        binary("b1", "Came."),
        document_reference(elsewhere("Binary/b2"), id="lost"),
        diagnostic_report(elsewhere("Binary/b1"), id="shares"),
    ]
    outcomes = read(body(*lines), FHIR_NDJSON)
    assert [(o.line, o.custom_id, seen(o)) for o in outcomes] == [
        (2, "DocumentReference/has", "At once."),
        (1, "DocumentReference/waits", "Came."),
        (4, "DocumentReference/lost", "attachment_not_included"),
        (5, "DiagnosticReport/shares", "Came."),
    ]


def test_the_binary_says_what_the_attachment_leaves_open(read: Read) -> None:
    lines = [
        document_reference(elsewhere("Binary/pdf", None), id="1"),
        document_reference(elsewhere("Binary/latin"), id="2"),
        document_reference(
            elsewhere("Binary/pdf", None), elsewhere("Binary/latin", None), id="best"
        ),
        binary("pdf", b"%PDF-1.7", "application/pdf"),
        binary("latin", "für".encode("latin-1"), "text/plain; charset=iso-8859-1"),
    ]
    pdf, latin, best = read(body(*lines), FHIR_NDJSON)
    assert pdf.attachment == Attachment("application/pdf", b"%PDF-1.7")
    assert (latin.text, best.text) == ("für", "für")


def test_a_better_form_is_waited_for_but_a_worse_one_will_do(read: Read) -> None:
    pdf = attachment(b"%PDF-1.7", "application/pdf")
    lines = [
        document_reference(pdf, elsewhere("Binary/b1"), id="better"),
        document_reference(pdf, elsewhere("Binary/b1", None), id="untold"),
        document_reference(pdf, elsewhere("Binary/none"), id="worse"),
        binary("b1", "Text."),
    ]
    outcomes = read(body(*lines), FHIR_NDJSON)
    assert list(map(seen, outcomes)) == ["Text.", "Text.", "application/pdf"]


def test_the_checks_of_an_attachment_hold_for_a_binary(read: Read) -> None:
    lines = [
        document_reference(elsewhere("Binary/b1", size=99), id="size"),
        document_reference(elsewhere("Binary/bad"), id="base64"),
        document_reference(elsewhere("Binary/empty"), id="empty"),
        document_reference(elsewhere("Binary/image", None), id="image"),
        binary("b1"),
        binary("bad") | {"data": "!"},
        {"resourceType": "Binary", "id": "empty"},
        binary("image", b"x", "image/png"),
    ]
    assert list(map(seen, read(body(*lines), FHIR_NDJSON))) == [
        "attachment_size_mismatch",
        "invalid_base64",
        "text_missing",
        "unsupported_attachment",
    ]


def test_a_binary_sent_twice_is_no_guess(read: Read) -> None:
    note = document_reference(elsewhere("Binary/b1"))
    assert seen(*read(body(note, binary("b1"), binary("b1")), FHIR_NDJSON)) == "Note."
    for lines in (
        [note, binary("b1", "Ann."), binary("b1", "Bob.")],
        [binary("b1", "Ann."), note, binary("b1", "Bob.")],
        [binary("b1", "Ann."), binary("b1", "Bob."), binary("b1", "Bob."), note],
    ):
        assert seen(*read(body(*lines), FHIR_NDJSON)) == "ambiguous_reference"


def test_each_bundle_has_its_own_binaries(read: Read) -> None:
    lines = [
        bundle(document_reference(elsewhere("Binary/1"), id=name), binary("1", name))
        for name in ("ann", "bob")
    ]
    lines.append(bundle(document_reference(elsewhere("Binary/2"), id="eve"), binary("3")))
    lines.append(binary("2", "of the body"))
    outcomes = read(body(*lines), FHIR_NDJSON, max_record_bytes=5000)
    assert [(o.line, seen(o)) for o in outcomes] == [(1, "ann"), (2, "bob"), (3, "of the body")]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://a.example/fhir/Binary/1", "of a"),
        ("https://b.example/fhir/Binary/1", "of b"),
        ("https://c.example/fhir/Binary/1", "ambiguous_reference"),
        ("Binary/1", "ambiguous_reference"),
        ("urn:uuid:0b5c", "by uuid"),
        ("urn:uuid:ffff", "attachment_not_included"),
    ],
)
def test_a_bundle_tells_servers_apart(read: Read, url: str, code: str) -> None:
    entries = [
        {"fullUrl": "https://a.example/fhir/Binary/1", "resource": binary("1", "of a")},
        {"fullUrl": "https://b.example/fhir/Binary/1", "resource": binary("1", "of b")},
        {"fullUrl": "urn:uuid:0b5c", "resource": binary(None, "by uuid")},
        {"resource": document_reference(elsewhere(url))},
    ]
    (outcome,) = read(body(bundle(entry=entries)), FHIR_JSON)
    assert seen(outcome) == code


def test_another_servers_binary_is_not_taken(read: Read) -> None:
    entry = {"fullUrl": "https://a.example/fhir/Binary/1", "resource": binary("1")}
    for url, code in (
        ("https://c.example/fhir/Binary/1", "attachment_not_included"),
        ("Binary/1/_history/2", "Note."),
    ):
        note = {"resource": document_reference(elsewhere(url))}
        assert seen(*read(body(bundle(entry=[note, entry])), FHIR_JSON)) == code


def test_a_contained_binary_is_found(read: Read) -> None:
    note = document_reference(elsewhere("#b"), contained=[5, {"id": 7}, binary("b", "Within.")])
    assert seen(*read(body(note), FHIR_JSON)) == "Within."
    assert seen(*read(body(note | {"contained": []}), FHIR_JSON)) == "attachment_not_included"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (body(binary("1")), FHIR_JSON),
        (body(binary("1"), binary(None)), FHIR_NDJSON),
        (body(bundle(binary("1"))), FHIR_JSON),
    ],
)
def test_binaries_alone_are_no_documents(read: Read, content: bytes, content_type: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(content, content_type)
    assert raised.value.error_code == "empty_body"


def test_binaries_and_those_in_want_are_counted(read: Read) -> None:
    for lines in ([binary("1"), binary("2")], [document_reference(elsewhere("Binary/9"))] * 2):
        read(body(document_reference(attachment()), lines[0]), FHIR_NDJSON, max_documents=1 + 1)
        with pytest.raises(PayloadTooLarge) as raised:
            read(body(*lines), FHIR_NDJSON, max_documents=1)
        assert raised.value.error_code == "too_many_documents"


def test_what_lies_on_disk_is_bounded(read: Read) -> None:
    sent = gzip.compress(body(*(binary(str(number), "x" * 500) for number in range(100))))
    with pytest.raises(PayloadTooLarge) as raised:
        read(sent, FHIR_NDJSON, encoding="gzip", max_body_bytes=len(sent))
    assert "put aside" in raised.value.detail


def test_one_binary_is_not_multiplied(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_FREE_BYTES", 0)
    lines = [document_reference(elsewhere("Binary/1"), id=str(number)) for number in range(5)]
    assert len(read(body(*lines[:4], binary("1")), FHIR_NDJSON)) == 4
    with pytest.raises(PayloadTooLarge):
        read(body(*lines, binary("1")), FHIR_NDJSON)


def test_memory_stays_level() -> None:
    count, size = 60, 200_000

    def chunks() -> Iterator[bytes]:
        for number in range(count):
            yield body(document_reference(elsewhere(f"Binary/{number}"), id=str(number))) + b"\n"
        for number in range(count):
            yield body(binary(str(number), f"{number} " * (size // 4))) + b"\n"

    intake = read_records(chunks(), content_type=FHIR_NDJSON, limits=IntakeSettings())
    tracemalloc.start()
    try:
        lengths = [len(o.text) for o in intake.records if isinstance(o, Record)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(lengths) == count
    assert sum(lengths) > 20 * size
    assert peak < 15 * size

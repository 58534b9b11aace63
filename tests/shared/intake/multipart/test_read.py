import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.config import IntakeSettings
from shared.errors import InvalidInput
from shared.intake.read import read_records
from shared.intake.records import Attachment, Outcome, Record, Rejected
from tests.shared.intake.conftest import Read

TYPE = "multipart/form-data; boundary=B0"
END = b"--B0--\r\n"
CDA = (
    b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2"/><component><nonXMLBody>'
    b"<text>Rest.</text></nonXMLBody></component></ClinicalDocument>"
)


def file(name: str, content: bytes, media_type: str | None = None) -> bytes:
    typed = f"Content-Type: {media_type}\r\n" if media_type else ""
    head = f'--B0\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n{typed}\r\n'
    return head.encode() + content + b"\r\n"


def field(name: str, value: str) -> bytes:
    head = f'--B0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    return head.encode()


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Rejected)
    return outcome.error.error_code


def test_each_file_is_read_as_what_it_is(read: Read) -> None:
    bundle = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "content": [{"attachment": {"contentType": "text/plain", "data": "Rmlyc3Qu"}}],
    }
    body = (
        file("../ward//a.txt", "Größe".encode("latin-1"), "text/plain; charset=latin-1")
        + file("x.xml", CDA, "application/octet-stream")
        + file("y.json", json.dumps(bundle).encode(), "application/json")
        + file("z.jsonl", b'{"custom_id":"c","text":"one"}\n\n{"text":"two"}')
        + file("s.PDF", b"%PDF")
        + file("h", b"<p>x</p>", "application/xhtml+xml")
        + file("l", "<p>Łódź</p>".encode("iso-8859-2"), "text/html; charset=iso-8859-2")
        + END
    )
    expected = [
        Record(1, "Größe", custom_id="ward/a.txt"),
        Record(2, "Rest.", custom_id="1.2"),
        Record(3, "First.", custom_id="DocumentReference/d1"),
        Record(1, "one", custom_id="c"),
        Record(3, "two"),
        Record(5, attachment=Attachment("application/pdf", b"%PDF"), custom_id="s.PDF"),
        Record(6, attachment=Attachment("application/xhtml+xml", b"<p>x</p>"), custom_id="h"),
        Record(7, attachment=Attachment("text/html", "<p>Łódź</p>".encode()), custom_id="l"),
    ]
    assert read(body, TYPE) == expected
    assert read([bytes([byte]) for byte in body], TYPE) == expected


def test_a_bad_file_harms_no_neighbour(read: Read) -> None:
    body = (
        file("a.gif", b"GIF")
        + file("b.xml", b"<a>")
        + file("c.txt", b"")
        + file("d\x07.txt", b"x")
        + file("e.json", b'{"documents":')
        + file("f.json", b'{"documents":[{"text":"x"}],"group":"g"}')
        + file("g.ndjson", b'{"text":"good"}\nbad\n')
        + file("h.txt", b"x" * 1001)
        + file("i.pdf", b"x" * 1001)
        + file("j.json", b"", "application/fhir+json")
        + file("k.txt", b"good")
        + END
    )
    outcomes = read(body, TYPE)
    assert [
        (each.line, each.custom_id, code(each)) for each in outcomes if isinstance(each, Rejected)
    ] == [
        (1, "a.gif", "unsupported_format"),
        (2, "b.xml", "invalid_xml"),
        (3, "c.txt", "text_missing"),
        (4, None, "invalid_field"),
        (5, "e.json", "invalid_json"),
        (6, "f.json", "parameters_in_file"),
        (2, None, "invalid_json"),
        (8, "h.txt", "record_too_large"),
        (9, "i.pdf", "record_too_large"),
        (10, "j.json", "text_missing"),
    ]
    assert [each.text for each in outcomes if isinstance(each, Record)] == ["good", "good"]


def test_documents_of_one_id_go_by_their_files_names(read: Read) -> None:
    body = file("a.xml", CDA) + file("b.xml", CDA) + file("", CDA, "application/xml") + END
    assert [each.custom_id for each in read(body, TYPE)] == ["1.2", "b.xml", "1.2"]


def test_a_nameless_resource_goes_by_its_files_name(read: Read) -> None:
    attachment = {"contentType": "text/plain", "data": "UmVzdC4="}
    note = {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}
    one, other = (file(name, json.dumps(note).encode()) for name in ("a.json", "b.json"))
    assert [each.custom_id for each in read(one + other + END, TYPE)] == ["a.json", "b.json"]


def test_a_file_points_into_a_later_one(read: Read) -> None:
    attachment = {"contentType": "text/plain", "url": "Binary/b1"}
    pointing = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "content": [{"attachment": attachment}],
    }
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "SGku"}
    body = b"".join(
        file(f"{name}.json", json.dumps(resource).encode())
        for name, resource in (("d", pointing), ("b", binary))
    )
    [record] = read(body + END, TYPE)
    assert (record.line, record.custom_id) == (1, "DocumentReference/d1")
    assert isinstance(record, Record)
    assert record.text == "Hi."


def test_form_fields_are_parameters() -> None:
    body = field("note_type", "visit") + field("group", "Nächte") + file("a.txt", b"x") + END
    intake = read_records([body], content_type=TYPE, limits=IntakeSettings())
    next(intake.records)
    assert intake.parameters == {"note_type": "visit", "group": "Nächte"}


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (file("a.txt", b"x"), TYPE),
        (file("a.txt", b"x") + END[:-4], TYPE),
        (b"no multipart at all", TYPE),
        (file("a.txt", b"x") + END, "multipart/form-data"),
        (file("a.txt", b"x") + END, "multipart/form-data; boundary=B1"),
        (field("colour", "red") + file("a.txt", b"x") + END, TYPE),
        (field("group", "a") + field("group", "b") + file("a.txt", b"x") + END, TYPE),
        (file("a.txt", b"x") + field("group", "a") + END, TYPE),
        (field("group", "a" * 2049) + file("a.txt", b"x") + END, TYPE),
        (field("group", "a\0") + file("a.txt", b"x") + END, TYPE),
        (b"--B0\r\n" + b"X-Long: " + b"a" * 9000 + b"\r\n\r\n" + END, TYPE),
        (b"--B0\r\n" + b"X: a\r\n" * 50 + b"\r\n" + END, TYPE),
    ],
)
def test_a_broken_body_is_refused_as_a_whole(read: Read, body: bytes, media_type: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(body, media_type)
    assert caught.value.error_code == "invalid_multipart"


def test_a_break_within_a_file_is_the_bodys(read: Read) -> None:
    def pieces() -> Iterator[bytes]:
        yield file("a.json", b'{"documents":[')[:-2]
        raise InvalidInput("The body ended.", code="broken_gzip")

    with pytest.raises(InvalidInput) as caught:
        read(pieces(), TYPE)
    assert caught.value.error_code == "broken_gzip"


def test_memory_is_that_of_one_line() -> None:
    line = b'{"text":"' + b"x" * 1000 + b'"}\n'

    def pieces() -> Iterator[bytes]:
        yield file("a.ndjson", b"")[:-2]
        for _ in range(2000):
            yield line
        yield b"\r\n" + END

    intake = read_records(pieces(), content_type=TYPE, limits=IntakeSettings())
    tracemalloc.start()
    try:
        count = sum(1 for _ in intake.records)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, peak < 500_000) == (2000, True)


PIECES = st.sampled_from(
    (b"--B0", b"\r\n", b"--", b"\r\n\r\n", b": ", b'; filename="a.', b'txt"', b"json", b"x", b"\0")
)
PARTS = st.sampled_from((file("a.txt", b"x"), file("b.json", b"{}"), field("group", "g"), END))


@settings(deadline=None)
@given(st.lists(PIECES | PARTS | st.binary(max_size=4), max_size=12).map(b"".join))
def test_any_bytes_are_answered(body: bytes) -> None:
    intake = read_records([body], content_type=TYPE, limits=IntakeSettings())
    try:
        outcomes = list(intake.records)
    except InvalidInput:
        return
    assert outcomes


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_any_boundary_is_answered(boundary: str) -> None:
    media_type = f"multipart/form-data; boundary={boundary}"
    intake = read_records([b"--" + END], content_type=media_type, limits=IntakeSettings())
    with pytest.raises(InvalidInput):
        list(intake.records)

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import IntakeSettings
from shared.errors import InvalidInput, PayloadTooLarge, UnsupportedFormat
from shared.intake.read import READERS, read_records
from shared.intake.records import Outcome, Record, Rejected

Read = Callable[..., list[Any]]

NDJSON = "application/x-ndjson"

texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30
).filter(lambda text: not text.isspace())
bad_lines = st.one_of(
    st.binary(min_size=1, max_size=40).map(lambda line: b"\xff" + line.replace(b"\n", b"")),
    st.sampled_from(
        [b"{", b"[]", b"{}", b'{"text":1}', b"x" * 1001, b"[" * 900, b'{"text":"\\u0000"}']
    ),
)
lines = st.lists(st.one_of(texts, bad_lines, st.just(b"")), max_size=8)


def body_of(items: list[str | bytes]) -> bytes:
    return b"\n".join(
        json.dumps({"text": item}).encode() if isinstance(item, str) else item for item in items
    )


def cut(body: bytes, sizes: list[int]) -> list[bytes]:
    chunks = []
    for size in sizes:
        chunks.append(body[:size])
        body = body[size:]
    return [*chunks, body]


def seen(outcomes: list[Outcome]) -> list[tuple[Any, ...]]:
    return [
        (o.line, o.text) if isinstance(o, Record) else (o.line, None, o.error.error_code)
        for o in outcomes
    ]


@given(items=lines, sizes=st.lists(st.integers(1, 50)), zipped=st.booleans())
def test_good_records_come_out_whatever_lies_between_and_however_it_is_cut(
    read: Read, items: list[str | bytes], sizes: list[int], *, zipped: bool
) -> None:
    body = body_of([*items, "last"])
    whole = read(body)
    good = [(o.line, o.text) for o in whole if isinstance(o, Record)]
    assert good == [(n, i) for n, i in enumerate([*items, "last"], 1) if isinstance(i, str)]
    bad = [o.line for o in whole if isinstance(o, Rejected)]
    assert bad == [n for n, i in enumerate(items, 1) if isinstance(i, bytes) and i]
    sent = gzip.compress(body) if zipped else body
    assert seen(read(cut(sent, sizes), encoding="gzip" if zipped else None)) == seen(whole)


FHIR_NAMES = [
    *("resourceType", "id", "status", "docStatus", "subject", "reference", "type", "category"),
    *("coding", "system", "code", "content", "attachment", "contentType", "data", "url", "hash"),
    *("language", "text", "custom_id", "note_type", "metadata", "documents"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FHIR_NAMES), inner),
    max_leaves=12,
)


@given(
    body=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()),
    content_type=st.sampled_from([*READERS, "text/plain; charset=utf-16"]),
    encoding=st.sampled_from([None, "gzip"]),
    zipped=st.booleans(),
)
def test_nothing_but_invalid_input_is_raised(
    read: Read, body: bytes, content_type: str, encoding: str | None, *, zipped: bool
) -> None:
    try:
        outcomes = read(zlib.compress(body, wbits=31) if zipped else body, content_type, encoding)
    except InvalidInput as error:
        assert error.how_to_fix  # noqa: PT017 - most bodies raise, some need not
    else:
        assert outcomes


@given(value=json_values)
def test_any_document_reference_is_read_or_rejected(read: Read, value: object) -> None:
    members = value if isinstance(value, dict) else {"content": value}
    resource = members | {"resourceType": "DocumentReference"}
    assert (
        len(read(json.dumps(resource).encode(), "application/fhir+ndjson", max_json_depth=64)) == 1
    )


@pytest.mark.parametrize("content_type", ["", "text/html", "json", "text/plain;" + " " * 300])
def test_an_unknown_media_type_is_told_the_known_ones(read: Read, content_type: str) -> None:
    with pytest.raises(UnsupportedFormat) as raised:
        read(b"", content_type)
    assert all(known in str(raised.value.how_to_fix) for known in READERS)


@pytest.mark.parametrize("content_type", READERS)
@pytest.mark.parametrize("chunks", [[], [b""], [gzip.compress(b"")]])
def test_an_empty_body(read: Read, content_type: str, chunks: list[bytes]) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(chunks, content_type, encoding="gzip" if any(chunks) else None)
    assert raised.value.error_code == "empty_body"


def test_too_many_documents(read: Read) -> None:
    body = body_of(["a", b"bad", "c"])
    assert len(read(body, max_documents=3)) == 3
    with pytest.raises(PayloadTooLarge) as raised:
        read(body, max_documents=2)
    assert raised.value.error_code == "too_many_documents"


def test_the_body_is_pulled_only_as_records_are() -> None:
    pulled = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            pulled.append(number)
            yield body_of([f"note {number}", b""])

    intake = read_records(chunks(), content_type=NDJSON, limits=IntakeSettings())
    assert pulled == []
    assert next(intake.records) == Record(1, "note 0")
    assert pulled == [0]


def test_note_types_are_the_callers() -> None:
    outcomes = list(
        read_records(
            [b'{"text":"a","note_type":"sonogram"}\n{"text":"b","note_type":"visit"}'],
            content_type=NDJSON,
            limits=IntakeSettings(),
            known_note_types={"sonogram"},
        ).records
    )
    assert seen(outcomes) == [(1, "a"), (2, None, "unknown_note_type")]

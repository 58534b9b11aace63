import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Record, Rejected

Read = Callable[..., list[Any]]


def test_a_line_is_a_record_with_all_its_fields(read: Read) -> None:
    members = {
        "custom_id": "n-1",
        "text": "Chest pain.\r\nNo fever.\n",
        "note_type": "visit",
        "subject": "Patient/7",
        "language": "en",
        "metadata": {"ward": "4"},
    }
    (record,) = read(json.dumps(members).encode())
    assert record == Record(line=1, **members)


def test_lines_are_physical_and_blank_ones_are_skipped(read: Read) -> None:
    outcomes = read(b'\xef\xbb\xbf{"text":"a"}\r\n\n  \r\n{"text":"b"}\nbad\n\n{"text":"c"}')
    assert [(o.line, getattr(o, "text", None)) for o in outcomes] == [
        (1, "a"),
        (4, "b"),
        (5, None),
        (7, "c"),
    ]


def test_null_is_as_good_as_absent(read: Read) -> None:
    body = b'{"text":"a","custom_id":null,"note_type":null,"subject":null,"metadata":null}'
    assert read(body) == [Record(1, "a")]


REJECTIONS = {
    "not json": (b"{nope}", "invalid_json", None),
    "cut off": (b'{"text":"a', "invalid_json", None),
    "NaN": (b'{"text":"a","metadata":NaN}', "invalid_json", None),
    "raw control character": (b'{"text":"a\tb"}', "invalid_json", None),
    "two values": (b'{"text":"a"}{"text":"b"}', "invalid_json", None),
    "a list": (b'["text"]', "not_an_object", None),
    "a string": (b'"text"', "not_an_object", None),
    "no text": (b"{}", "text_missing", "text"),
    "null text": (b'{"text":null}', "text_missing", "text"),
    "empty text": (b'{"text":""}', "text_missing", "text"),
    "blank text": (b'{"text":" \\n\\u00a0"}', "text_missing", "text"),
    "number for text": (b'{"text":5}', "invalid_field", "text"),
    "number for id": (b'{"text":"a","custom_id":5}', "invalid_field", "custom_id"),
    "empty id": (b'{"text":"a","custom_id":""}', "invalid_field", "custom_id"),
    "long id": (b'{"text":"a","custom_id":"' + b"i" * 513 + b'"}', "invalid_field", "custom_id"),
    "list for subject": (b'{"text":"a","subject":[]}', "invalid_field", "subject"),
    "list for note type": (b'{"text":"a","note_type":["visit"]}', "invalid_field", "note_type"),
    "list for metadata": (b'{"text":"a","metadata":[]}', "invalid_field", "metadata"),
    "number in metadata": (b'{"text":"a","metadata":{"k":1}}', "invalid_field", "metadata"),
    "17 pairs": (
        json.dumps({"text": "a", "metadata": {str(i): "v" for i in range(17)}}).encode(),
        "invalid_field",
        "metadata",
    ),
    "unknown note type": (b'{"text":"a","note_type":"poem"}', "unknown_note_type", "note_type"),
    "unknown member": (b'{"text":"a","colour":"red"}', "unknown_field", None),
    "latin-1": ('{"text":"für"}'.encode("latin-1"), "invalid_utf8", None),
    "surrogate in utf-8": (b'{"text":"\xed\xa0\x80"}', "invalid_utf8", None),
    "NUL": (b'{"text":"a\\u0000b"}', "invalid_characters", "text"),
    "lone surrogate": (b'{"text":"a\\ud800b"}', "invalid_characters", "text"),
    "lone surrogate in id": (b'{"text":"a","custom_id":"\\udfff"}', "invalid_characters", None),
    "NUL in metadata": (b'{"text":"a","metadata":{"\\u0000":""}}', "invalid_characters", None),
    "same member twice": (b'{"text":"a","text":"b"}', "duplicate_field", None),
    "same member twice within": (
        b'{"text":"a","metadata":{"k":"1","k":"2"}}',
        "duplicate_field",
        None,
    ),
    "deep": (b'{"text":"a","metadata":' + b"[" * 8 + b"]" * 8 + b"}", "json_too_deep", None),
    "very deep": (b"[" * 900, "json_too_deep", None),
    "long line": (b'{"text":"' + b"a" * 1000 + b'"}', "record_too_large", None),
    "long text": (b'{"text":"' + b"a" * 201 + b'"}', "document_too_large", "text"),
}


@pytest.mark.parametrize(("line", "code", "param"), REJECTIONS.values(), ids=REJECTIONS)
def test_a_bad_line_says_why_and_harms_no_neighbour(
    read: Read, line: bytes, code: str, param: str | None
) -> None:
    before, bad, after = read(b'{"text":"before"}\n' + line + b'\n{"text":"after"}\n')
    assert (before, after) == (Record(1, "before"), Record(3, "after"))
    assert isinstance(bad, Rejected)
    assert (bad.line, bad.error.line, bad.error.error_code) == (2, 2, code)
    assert param is None or bad.error.param == param
    assert bad.error.how_to_fix


def test_a_rejection_names_its_record_where_it_can(read: Read) -> None:
    (bad,) = read(b'{"custom_id":"n-9","text":""}')
    assert bad.custom_id == "n-9"


def test_a_rejection_neither_quotes_nor_holds_the_input(read: Read) -> None:
    secret = b"Jane Doe, HIV positive"
    for line in (
        b'{"' + secret + b'":1,"text":"a"}',
        b'{"text":"a","note_type":"' + secret + b'"}',
        b'{"text":"' + secret + b'" oops',
        b'{"text":"' + secret + b'\xff"}',
        b'{"text":"' + secret + b'","text":""}',
    ):
        (bad,) = read(line)
        error = bad.error
        assert secret.decode() not in f"{error} {error.detail} {error.how_to_fix} {error.param}"
        assert error.__traceback__ is error.__context__ is error.__cause__ is None


def test_brackets_within_strings_are_no_depth(read: Read) -> None:
    text = '[[[[{{{{\\"[[[[" \\'
    assert read(json.dumps({"text": text}).encode()) == [Record(1, text)]


def test_an_unfinished_string_of_escapes_takes_linear_time(read: Read) -> None:
    # Quadratic, this would run for hours.
    body = b"[" * 7 + b"{}{}" + b'"' + b'\\"' * 2_000_000
    (bad,) = read(body, max_record_bytes=5_000_000)
    assert bad.error.error_code == "invalid_json"


def test_a_number_longer_than_python_reads(read: Read) -> None:
    (bad,) = read(b'{"text":' + b"9" * 10_000 + b"}", max_record_bytes=20_000)
    assert bad.error.error_code == "invalid_json"

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.intake.records import Attachment, Record

Read = Callable[..., list[Any]]


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/plain", "utf-8"),
        ("TEXT/Plain ; format=flowed; Charset=UTF-8", "utf-8"),
        ("text/plain", "utf-8-sig"),
        ('text/plain; charset="utf-16"', "utf-16"),
        ("text/plain; charset=windows-1252", "cp1252"),
        ("text/plain; charset=iso-8859-15", "iso8859-15"),
    ],
)
def test_a_body_is_one_document_as_it_stands(read: Read, content_type: str, charset: str) -> None:
    text = " Fieber 39 °C, 5 € Zuzahlung\r\n\n"
    body = text.encode(charset)
    assert read([body[:9], body[9:]], content_type) == [Record(1, text)]


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("text/plain", b"f\xfcr", "invalid_utf8"),
        ("text/plain; charset=utf-16", b"odd", "invalid_encoding"),
        ("text/plain; charset=us-ascii", b"\xfc", "invalid_encoding"),
        ("text/plain; charset=rot13", b"a", "unsupported_charset"),
        ("text/plain; charset=punycode", b"a", "unsupported_charset"),
        ("text/plain; charset=iso-8859-12", b"a", "unsupported_charset"),
        ("text/plain", b"a\0b", "invalid_characters"),
        ("text/plain", b" \n", "text_missing"),
        ("text/plain", b"a" * 201, "document_too_large"),
        ("text/plain", b"a" * 1001, "record_too_large"),
    ],
)
def test_what_is_wrong_with_it(read: Read, content_type: str, body: bytes, code: str) -> None:
    (bad,) = read(body, content_type)
    assert (bad.line, bad.error.error_code) == (1, code)
    assert bad.error.how_to_fix


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        (r"{\rtf1\ansi Knee pain.}", "text/rtf"),
        ("\n<!DOCTYPE html><p>Knee pain.", "text/html"),
        ("<HTML><p>Knee pain.", "text/html"),
    ],
)
def test_a_text_that_is_markup_goes_to_a_worker(read: Read, text: str, media_type: str) -> None:
    expected = Attachment(media_type, text.encode())
    bodies = {"text/plain": text, "application/x-ndjson": json.dumps({"text": text})}
    for content_type, body in bodies.items():
        (outcome,) = read(body.encode(), content_type)
        assert isinstance(outcome, Record)
        assert (outcome.text, outcome.attachment) == ("", expected)


def test_a_text_that_only_speaks_of_markup_stays_text(read: Read) -> None:
    (outcome,) = read(b"BP < 120. The <html> tag.", "text/plain")
    assert isinstance(outcome, Record)
    assert outcome.attachment is None

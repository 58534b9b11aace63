"""What a reader sees of an attachment is what the summary is made of."""

import pytest

from shared.extraction.extract import Extracted, extract_text
from shared.extraction.refusals import Refused
from shared.text.sections import headings
from tests.fixtures.attachments import (
    PDF,
    broken_pdf,
    encrypted_pdf,
    endless_pdf,
    make_pdf,
)

RTF, HTML = "text/rtf", "text/html"


def extract(media_type: str, data: bytes, max_characters: int = 10_000) -> Extracted:
    return extract_text(media_type, data, max_characters=max_characters)


def refusal(media_type: str, data: bytes, max_characters: int = 10_000) -> str:
    with pytest.raises(Refused) as caught:
        extract(media_type, data, max_characters)
    return caught.value.code


def test_a_pdf_is_read_line_by_line_and_page_by_page() -> None:
    first = ["HOSPITAL COURSE:", "Fever for two days.", ("Potassium", "5.1", "mmol/L")]
    read = extract(PDF, make_pdf(first, ["PLAN:", "Ren\u00e9 goes home."]))
    assert read.text.splitlines() == [
        "HOSPITAL COURSE:",
        "Fever for two days.",
        "Potassium 5.1 mmol/L",
        "",
        "PLAN:",
        "René goes home.",
    ]
    assert [heading.name for heading in headings(read.text)] == ["HOSPITAL COURSE", "PLAN"]


def test_a_pdf_that_opens_without_asking_is_read() -> None:
    assert extract(PDF, encrypted_pdf("")).text == "Potassium 5.1."


def test_what_is_lost_of_a_pdf_is_said() -> None:
    assert extract(PDF, make_pdf(["Some text."], [])).warnings == ["partly_scanned"]
    broken = extract(PDF, broken_pdf())
    assert (broken.text, broken.warnings) == ("Potassium 5.1.", ["partly_unreadable"])


@pytest.mark.parametrize(
    ("media_type", "data", "code"),
    [
        (PDF, encrypted_pdf("secret"), "attachment_encrypted"),
        (PDF, make_pdf([]), "attachment_without_text"),
        (PDF, b"not a PDF at all", "invalid_attachment"),
        (PDF, make_pdf(["Cut off in the middle."])[:300], "invalid_attachment"),
        (PDF, endless_pdf(), "attachment_too_complex"),
        (HTML, b"<p>Seen" + b"<div>" * 3_000 + b"not seen", "attachment_too_complex"),
        (RTF, b"not RTF", "invalid_attachment"),
        (RTF, rb"{\rtf1\ansi\pard\par}", "attachment_without_text"),
        (HTML, b"<p>&nbsp;</p><img src='scan.png'>", "attachment_without_text"),
        (HTML, b"", "attachment_without_text"),
        ("image/png", b"\x89PNG", "invalid_attachment"),
    ],
)
def test_what_gives_no_text_is_refused(media_type: str, data: bytes, code: str) -> None:
    assert refusal(media_type, data) == code


def test_a_text_layer_of_unknown_characters_is_none() -> None:
    assert refusal(HTML, b"<p>" + "\ue000\ue001\ufffd ok".encode()) == "attachment_without_text"


def test_a_text_longer_than_a_document_is_refused() -> None:
    assert refusal(HTML, b"<p>" + b"word " * 21, max_characters=100) == "document_too_large"


def test_rtf_with_escapes_tables_and_pictures() -> None:
    source = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Riched20;}"
        rb"{\pict\pngblip " + b"89504e47" * 200 + rb"}"
        rb"\b PLAN:\b0\par Ren\'e9 \u8805? 5 \u-10179?\u-8704?\par"
        rb"\trowd Sodium\cell 140\cell\row Potassium\cell 5.1\cell\row}"
    )
    assert extract(RTF, source).text.splitlines() == [
        "PLAN:",
        "René ≥ 5 \U0001f600",
        "Sodium | 140",
        "Potassium | 5.1",
    ]


def test_links_of_rtf_are_their_words_and_cost_no_time() -> None:
    link = rb'{\field{\*\fldinst{HYPERLINK "https://example.org"}}{\fldrslt the plan}}'
    assert extract(RTF, rb"{\rtf1 See " + link + rb".}").text == "See the plan."
    many = rb"{\rtf1 text " + rb'{\field{\*\fldinst{HYPERLINK "' * 20_000 + rb"}"
    assert extract(RTF, many).text == "text"


def test_what_follows_a_large_picture_is_read() -> None:
    picture = b'<img src="data:image/png;base64,' + b"A" * 11_000_000 + b'">'
    assert extract(HTML, b"<p>Before" + picture + b"<p>After").text.split() == ["Before", "After"]


def test_html_as_it_comes() -> None:
    source = (
        "<!DOCTYPE html><html><head><title>x</title><style>p{}</style></head><body>"
        "<h2>Findings</h2><p>Temp &lt 38<br>WBC 10<sup>9</sup>/L<script>alert(1)</script>"
        "<table><tr><th>Test<th>Value<tr><td>Sodium<td>140</table>unclosed <b>end"
    )
    text = extract(HTML, source.encode()).text
    assert "alert" not in text
    assert "p{}" not in text
    assert "Findings" in {heading.name for heading in headings(text)}
    assert {"Temp < 38", "WBC 10^9/L", "unclosed end"} <= set(text.splitlines())
    assert any("Sodium" in line and "140" in line for line in text.splitlines())


def test_a_table_that_only_arranges_the_page_keeps_its_lines() -> None:
    letter = (
        b"<table><tr><td><h3>Plan</h3><p>Rest.</p><p>Fluids.</p>"
        b"<table><tr><td>Sodium<td>140<td>mmol/L<tr><td>Potassium<td>5.1<td>mmol/L</table></table>"
    )
    lines = extract(HTML, letter).text.splitlines()
    assert {"Rest.", "Fluids."} <= set(lines)
    assert any("Potassium" in line and "5.1" in line for line in lines)


@pytest.mark.parametrize(
    "data",
    [
        "<p>Müller</p>".encode(),
        b"\xef\xbb\xbf<p>M\xc3\xbcller</p>",
        "<p>Müller</p>".encode("utf-16"),
        b"<p>M\xfcller</p>",
        b"<meta charset=iso-8859-2><p>M\xfcller</p>",
        b"<?xml version='1.0' encoding='ISO-8859-1'?><p>M\xfcller</p>",
    ],
)
def test_the_charset_of_html_is_found(data: bytes) -> None:
    assert extract("application/xhtml+xml", data).text == "Müller"


def test_characters_that_nothing_can_store_are_replaced() -> None:
    lone = rb"{\rtf1 Potas\u0?ium\u-10179? normal\par\page\par Rest}"
    assert extract(RTF, lone).text == "Potas\ufffdium\ufffd normal\n\nRest"

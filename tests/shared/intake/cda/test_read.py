import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.config import IntakeSettings
from shared.errors import InvalidInput
from shared.intake.cda.read import read_cda_content
from shared.intake.read import read_records
from shared.intake.records import Attachment, Outcome, Record, Rejected
from tests.shared.intake.conftest import Read

SECTION = "<section><title>Plan</title><text><paragraph>Rest.</paragraph></text></section>"
HEADER = (
    '<id root="1.2" extension="D1"/><code code="99999-9" codeSystem="2.16.840.1.113883.6.1">'
    '<translation code="11488-4" codeSystem="2.16.840.1.113883.6.1"/></code><title>Note</title>'
    '<languageCode code="en-US"/>'
    '<recordTarget><patientRole><id nullFlavor="NI"/><id root="1.9" extension="P7"/></patientRole>'
    '</recordTarget><relatedDocument typeCode="RPLC"><parentDocument>'
    '<id root="1.2" extension="D0"/></parentDocument></relatedDocument>'
    '<relatedDocument typeCode="APND"><parentDocument><id root="1.3"/></parentDocument>'
    "</relatedDocument>"
)
PDF = base64.b64encode(b"%PDF-1.7").decode()


def cda(body: str, header: str = "", prolog: str = "") -> str:
    return (
        f'{prolog}<ClinicalDocument xmlns="urn:hl7-org:v3">{header}'
        f"<component>{body}</component></ClinicalDocument>"
    )


def structured(*sections: str) -> str:
    inner = "".join(f"<component>{each}</component>" for each in sections)
    return f"<structuredBody>{inner}</structuredBody>"


def enveloped(attributes: str, content: str) -> str:
    return cda(f"<nonXMLBody><text {attributes}>{content}</text></nonXMLBody>")


def one(read: Read, document: str | bytes) -> Outcome:
    body = document if isinstance(document, bytes) else document.encode()
    [outcome] = read(body, "application/xml")
    return outcome


def test_a_document_is_one_record(read: Read) -> None:
    assert one(read, cda(structured(SECTION), HEADER)) == Record(
        1,
        "Note\n\nPlan:\nRest.",
        custom_id="1.2^D1",
        note_type_from_code="consultation",
        subject="1.9^P7",
        language="en-US",
        replaces=("1.2^D0",),
    )


def test_sections_stand_under_their_titles_and_in_each_other(read: Read) -> None:
    outer = (
        "<section><title>History of  Present\nIllness</title><text>"
        "<list><caption>Pain</caption><item>mild</item></list>"
        '<renderMultiMedia referencedObject="x"><caption>no</caption></renderMultiMedia>'
        '<content revised="delete">no</content><footnote>seen</footnote></text>'
        f"<component>{SECTION}</component><entry><text>coded</text></entry></section>"
    )
    plain = "<section><text>\n  First line\n   goes on.\n  Second.\n</text></section>"
    empty = "<section><title>Empty</title><text/></section>"
    outcome = one(read, cda(structured(outer, plain, empty)))
    assert isinstance(outcome, Record)
    assert outcome.text == (
        "History of Present Illness:\nPain\n- mild\n(seen)\n\n"
        "Plan:\nRest.\n\nFirst line goes on.\nSecond."
    )


@pytest.mark.parametrize(
    ("attributes", "content", "text"),
    [
        ("", "Rest.\nDrink.", "Rest.\nDrink."),
        ('mediaType="text/plain" representation="B64"', "UmVz\ndC4=", "Rest."),
        (
            'mediaType="text/plain; charset=latin-1" representation="B64"',
            base64.b64encode("Fièvre".encode("latin-1")).decode(),
            "Fièvre",
        ),
    ],
)
def test_an_enveloped_text_is_taken_out(
    read: Read, attributes: str, content: str, text: str
) -> None:
    outcome = one(read, enveloped(attributes, content))
    assert isinstance(outcome, Record)
    assert outcome.text == text


def test_an_enveloped_pdf_is_an_attachment(read: Read) -> None:
    document = enveloped('mediaType="application/pdf" representation="B64"', PDF)
    outcome = one(read, document)
    assert isinstance(outcome, Record)
    assert (outcome.text, outcome.attachment) == ("", Attachment("application/pdf", b"%PDF-1.7"))
    assert read_cda_content(document.encode(), IntakeSettings()) == outcome.attachment


def test_enveloped_html_is_in_the_charset_that_its_media_type_names(read: Read) -> None:
    attributes = 'mediaType="text/html; charset=iso-8859-2" representation="B64"'
    content = base64.b64encode("<p>Łódź</p>".encode("iso-8859-2")).decode()
    outcome = one(read, enveloped(attributes, content))
    assert isinstance(outcome, Record)
    assert outcome.attachment == Attachment("text/html", "<p>Łódź</p>".encode())


@pytest.mark.parametrize("charset", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"])
def test_the_prolog_names_the_charset(read: Read, charset: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{charset}" standalone="yes"?>\n<?pi?><!-- c -->'
    document = cda(structured(SECTION.replace("Rest", "Fièvre")), prolog=prolog)
    outcome = one(read, document.encode(charset))
    assert isinstance(outcome, Record)
    assert outcome.text == "Plan:\nFièvre."


def test_without_a_prolog_the_media_type_names_the_charset(read: Read) -> None:
    document = cda(structured(SECTION.replace("Rest", "Fièvre")), '<languageCode code=""/>')
    [outcome] = read(document.encode("latin-1"), "application/xml; charset=ISO-8859-1")
    assert isinstance(outcome, Record)
    assert (outcome.text, outcome.language) == ("Plan:\nFièvre.", None)


BOMB = '<!DOCTYPE a [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]>' + cda(structured(SECTION))
OUTSIDE = '<!-- <!DOCTYPE --> <!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (BOMB.encode(), "xml_dtd_forbidden"),
        (OUTSIDE.encode(), "xml_dtd_forbidden"),
        (BOMB.encode("utf-16"), "xml_dtd_forbidden"),
        (b"<a>" * 300, "xml_too_deep"),
        (b"<a>" * 101 + b"</a>" * 101, "xml_too_deep"),
        (cda("&#xD800;").encode(), "invalid_xml"),
        (cda("&#0;").encode(), "invalid_xml"),
        (cda("\0").encode(), "invalid_xml"),
        (cda("&a;").encode(), "invalid_xml"),
        (cda("<x:a/>").encode(), "invalid_xml"),
        (b"<ClinicalDocument", "invalid_xml"),
        (b"Patient", "invalid_xml"),
        (cda("\xff").encode("latin-1"), "invalid_utf8"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "unsupported_charset"),
        (b'<?xml version="1.0" encoding="windows-1252"?><a>\x81</a>', "invalid_encoding"),
        (b"<ClinicalDocument/>", "unsupported_document"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "unsupported_document"),
        (cda(structured("<section><title>Plan</title></section>")).encode(), "text_missing"),
        (cda("").encode(), "text_missing"),
        (cda(structured(SECTION.replace("Rest", "x" * 300))).encode(), "document_too_large"),
        (cda(structured(SECTION), f'<id root="{"1" * 513}"/>').encode(), "invalid_field"),
        (enveloped('mediaType="image/gif"', "R0lG").encode(), "unsupported_attachment"),
        (enveloped('compression="DF"', "R0lG").encode(), "unsupported_attachment"),
        (enveloped("", '<reference value="a.pdf"/>').encode(), "attachment_not_included"),
        (enveloped('representation="B64"', "R0l").encode(), "invalid_base64"),
        (b"<a/>" + b" " * 4000, "record_too_large"),
    ],
)
def test_what_cannot_be_read_is_rejected(read: Read, document: bytes, code: str) -> None:
    [outcome] = read(document, "text/xml", max_record_bytes=4000)
    assert isinstance(outcome, Rejected)
    assert (outcome.error.error_code, outcome.line) == (code, 1)


def test_fhir_in_xml_is_told_the_way(read: Read) -> None:
    outcome = one(read, b'<Bundle xmlns="http://hl7.org/fhir"/>')
    assert isinstance(outcome, Rejected)
    assert "as JSON" in str(outcome.error.how_to_fix)


def test_a_rejected_document_says_which_it_is(read: Read) -> None:
    outcome = one(read, cda("", HEADER))
    assert isinstance(outcome, Rejected)
    assert outcome.custom_id == "1.2^D1"


MARKUP = st.sampled_from(
    (
        *("<table>", "</table>", "<tr>", "</tr>", '<td rowspan="9">', "</td>", "<th colspan='7'>"),
        *("</th>", "<list>", "</list>", "<item>", "</item>", "a", " \n", "&amp;", "<br/>", "<sup>"),
        *("</sup>", "<![CDATA[", "]]>", "<!--", "-->", "<paragraph/>", "&#55296;", "<!DOCTYPE a>"),
    )
)


@settings(deadline=None)
@given(st.lists(MARKUP | st.text(max_size=5), max_size=30).map("".join))
def test_any_narrative_is_a_record_or_a_rejection(narrative: str) -> None:
    body = cda(structured(f"<section><text>{narrative}</text></section>"))
    try:
        raw = body.encode()
    except UnicodeEncodeError:
        raw = body.encode(errors="surrogatepass")
    intake = read_records([raw], content_type="application/xml", limits=IntakeSettings())
    [outcome] = intake.records
    if isinstance(outcome, Record):
        assert outcome.text.strip()
        outcome.text.encode()


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(raw: bytes) -> None:
    intake = read_records([raw], content_type="application/xml", limits=IntakeSettings())
    with suppress(InvalidInput):  # of white space alone
        [outcome] = intake.records
        assert isinstance(outcome, Rejected)

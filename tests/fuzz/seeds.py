"""Small bodies of every format, each saying as much as it can in few bytes.

`CANARY` stands wherever a patient's text or name could: an error must never quote it.
"""

import base64
import gzip
import json
from dataclasses import dataclass

CANARY = "Quxmorbyl"
BOUNDARY = "B0"
_DATA = base64.b64encode(f"{CANARY} has a fever.".encode()).decode()
_DIV = (
    f'<div xmlns="http://www.w3.org/1999/xhtml"><h1>Plan</h1><p>{CANARY} &amp; <b>10</b>'
    "<sup>9</sup>&nbsp;/l</p><ul><li>a<ol><li>b</li></ol></li></ul><pre> x\n y</pre></div>"
)
_TABLE = (
    '<table><caption>V</caption><thead><tr><th>Drug</th><th colspan="2">Dose</th></tr></thead>'
    f'<tbody><tr><td rowspan="2">{CANARY}</td><td>1</td><td>2</td></tr><tr><td>3</td><td><list>'
    "<item>4</item></list></td></tr></tbody></table>"
)
_DOCUMENT = {
    "custom_id": CANARY,
    "text": f"{CANARY} has a fever.",
    "note_type": "visit",
    "subject": CANARY,
    "language": "en",
    "metadata": {"ward": CANARY},
}
_CONCEPT = {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}
_REFERENCE = {
    "resourceType": "DocumentReference",
    "id": "d1",
    "status": "current",
    "docStatus": "final",
    "type": _CONCEPT,
    "subject": {"reference": f"Patient/{CANARY}"},
    "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/d0"}}],
    "content": [
        {
            "attachment": {
                "contentType": "text/plain; charset=utf-8",
                "data": _DATA,
                "language": "en",
            }
        },
        {"attachment": {"contentType": "application/pdf", "url": "Binary/b1"}},
    ],
}
_POINTING = {
    "resourceType": "DocumentReference",
    "id": "d2",
    "status": "current",
    "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/b1"}}],
}
_BINARY = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": _DATA}
_REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r1",
    "status": "final",
    "code": _CONCEPT,
    "subject": {"reference": "#p"},
    "presentedForm": [{"contentType": "text/html", "data": _DATA}],
    "conclusion": f"{CANARY} is well.",
    "text": {"status": "generated", "div": _DIV},
}
_COMPOSITION = {
    "resourceType": "Composition",
    "id": "c1",
    "status": "final",
    "type": _CONCEPT,
    "title": CANARY,
    "section": [
        {"title": "Plan", "text": {"status": "generated", "div": _DIV}},
        {"title": "More", "section": [{"text": {"div": f"<div>{_TABLE}</div>"}}]},
    ],
}
_BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": f"urn:uuid:{kind['id']}", "resource": kind}
        for kind in (_POINTING, _BINARY, _COMPOSITION)
    ],
}


def _cda(body: str, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return (
        f'{prolog}<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3" extension="{CANARY}"/>'
        '<code code="11488-4" codeSystem="2.16.840.1.113883.6.1"/><title>Note</title>'
        f'<languageCode code="en-US"/><recordTarget><patientRole>'
        f'<id root="1.2" extension="{CANARY}"/></patientRole></recordTarget>'
        '<relatedDocument typeCode="RPLC"><parentDocument>'
        '<id root="1.2.4"/></parentDocument></relatedDocument>'
        f"<component>{body}</component></ClinicalDocument>"
    )


_CDA = _cda(
    "<structuredBody><component><section><title>Plan:</title><text><paragraph>"
    f'{CANARY} <content styleCode="Bold">rests</content><br/>now</paragraph>{_TABLE}'
    '<list listType="ordered"><item><caption>c</caption>x</item></list><footnote>f</footnote>'
    "</text><component><section><text>plain\n lines</text></section></component></section>"
    "</component></structuredBody>"
)
_ENVELOPE = _cda(f'<nonXMLBody><text mediaType="text/plain" representation="B64">{_DATA}</text>'
                 "</nonXMLBody>")  # fmt: skip
_PDF = _cda('<nonXMLBody><text mediaType="application/pdf" representation="B64">JVBERi0=</text>'
            "</nonXMLBody>", prolog="")  # fmt: skip
_LATIN = _cda("<nonXMLBody><text>caf\xe9</text></nonXMLBody>",
              '<?xml version="1.0" encoding="ISO-8859-1"?>')  # fmt: skip
_BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM '
    '"file:///etc/passwd">]><ClinicalDocument xmlns="urn:hl7-org:v3">&b;&c;</ClinicalDocument>'
)


def _lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def _file(name: str, content: bytes, media_type: str | None = None, field: str = "f") -> bytes:
    named = f'; filename="{name}"' if name else ""
    typed = f"Content-Type: {media_type}\r\n" if media_type else ""
    head = f'Content-Disposition: form-data; name="{field}"{named}\r\n{typed}\r\n'
    return f"--{BOUNDARY}\r\n{head}".encode() + content + b"\r\n"


_END = f"--{BOUNDARY}--\r\n".encode()
_TEXT = f"PLAN: {CANARY} rests.\r\nGrüße\n".encode()


@dataclass(frozen=True, slots=True)
class Format:
    """A media type with bodies of it; `encoding` is the Content-Encoding."""

    name: str
    content_type: str
    seeds: tuple[bytes, ...]
    encoding: str | None = None


FORMATS = (
    Format("text", "text/plain", (_TEXT,)),
    Format("text, UTF-16", "text/plain; charset=utf-16", (_TEXT.decode().encode("utf-16"),)),
    Format("NDJSON", "application/x-ndjson", (_lines(_DOCUMENT, {"text": "b"}),)),
    Format("JSON", "application/json", (_lines({"documents": [_DOCUMENT], "note_type": "visit"}),)),
    Format(
        "FHIR NDJSON",
        "application/fhir+ndjson",
        (_lines(_REFERENCE, _REPORT), _lines(_POINTING, _BINARY), _lines(_COMPOSITION)),
    ),
    Format(
        "FHIR JSON",
        "application/fhir+json",
        tuple(map(_lines, (_REFERENCE, _REPORT, _COMPOSITION, _BUNDLE))),
    ),
    Format(
        "C-CDA",
        "application/xml",
        (
            *(each.encode() for each in (_CDA, _ENVELOPE, _PDF, _BOMB)),
            _LATIN.encode("latin-1"),
            _cda("<nonXMLBody><text>x</text></nonXMLBody>", "").encode("utf-16"),
        ),
    ),
    Format(
        "multipart",
        f"multipart/form-data; boundary={BOUNDARY}",
        (
            _file("", b"visit", field="note_type") + _file("w/a.txt", _TEXT) + _END,
            _file("n.ndjson", _lines(_DOCUMENT)) + _file("x.xml", _ENVELOPE.encode()) + _END,
            _file("b.json", _lines(_BUNDLE)) + _file("s.pdf", b"%PDF-1.7") + _END,
            _file("d.json", _lines({"documents": [_DOCUMENT]}), "application/json")
            + _file("p.json", _lines(_POINTING), "application/fhir+json")
            + _file("q.gif", b"GIF89a", "image/gif")
            + _END,
        ),
    ),
    Format("gzip", "application/x-ndjson", (gzip.compress(_lines(_DOCUMENT)),), "gzip"),
)

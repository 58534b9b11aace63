"""FHIR resources as senders write them."""

import base64
import json
from typing import Any

Resource = dict[str, Any]

LOINC = "http://loinc.org"
FHIR_JSON, FHIR_NDJSON = "application/fhir+json", "application/fhir+ndjson"


def encoded(content: str | bytes, charset: str = "utf-8") -> str:
    raw = content if isinstance(content, bytes) else content.encode(charset)
    return base64.b64encode(raw).decode()


def attachment(
    content: str | bytes = "Note.", content_type: str | None = "text/plain", **members: object
) -> Resource:
    return {"contentType": content_type, "data": encoded(content), **members}


def elsewhere(url: str, content_type: str | None = "text/plain", **members: object) -> Resource:
    return {"contentType": content_type, "url": url, **members}


def document_reference(*attachments: Resource, **members: object) -> Resource:
    return {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "content": [{"attachment": one} for one in attachments],
        **members,
    }


def diagnostic_report(*forms: Resource, **members: object) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "presentedForm": list(forms),
        **members,
    }


def composition(*sections: Resource, **members: object) -> Resource:
    return {
        "resourceType": "Composition",
        "id": "c1",
        "status": "final",
        "title": "Discharge summary",
        "section": list(sections),
        **members,
    }


def section(title: str | None, text: str | None, *nested: Resource, **members: object) -> Resource:
    return {
        **({} if title is None else {"title": title}),
        **({} if text is None else {"text": narrative(text)}),
        **({"section": list(nested)} if nested else {}),
        **members,
    }


def narrative(text: str) -> Resource:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'
    return {"status": "generated", "div": div}


def binary(
    name: str | None, content: str | bytes = "Note.", content_type: str = "text/plain"
) -> Resource:
    return {
        "resourceType": "Binary",
        **({} if name is None else {"id": name}),
        "contentType": content_type,
        "data": encoded(content),
    }


def bundle(*resources: Resource, kind: str = "collection", **members: object) -> Resource:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "id": "b1", "type": kind, "entry": entries, **members}


def codes(*pairs: tuple[str | None, str]) -> Resource:
    return {"coding": [{"system": system, "code": code} for system, code in pairs]}


def body(*resources: object) -> bytes:
    """NDJSON of them, or the one as JSON."""
    return b"\n".join(json.dumps(resource).encode() for resource in resources)

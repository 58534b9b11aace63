"""A part of a multipart body as a file: its name, what it is, its content."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath

from shared.intake.fields import MAX_IDENTIFIER_CHARACTERS, invalid_field, optional_string
from shared.intake.media_type import parse_media_type
from shared.intake.multipart.parts import Part

_UNSTATED = frozenset(("", "application/octet-stream"))
_BY_SUFFIX = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/plain",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".xml": "application/xml",
    ".pdf": "application/pdf",
    ".rtf": "application/rtf",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
}
_AS_FHIR = {
    "application/json": "application/fhir+json",
    "application/x-ndjson": "application/fhir+ndjson",
}
_RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:\s*"\w')
_SNIFFED_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """`name` may hold identifiers: it is sealed as a custom id is."""

    name: str | None
    media_type: str
    """As stated, else by the name's suffix; "" where neither says anything."""
    charset: str | None
    content: Iterator[bytes]


def file_name(raw: bytes | None) -> str | None:
    """A path without `..` and the like. Raises InvalidRecord for what is no name."""
    if not raw:
        return None
    steps = raw.decode(errors="replace").replace("\\", "/").split("/")
    name = "/".join(step for step in steps if step not in ("", ".", ".."))
    if "\ufffd" in name or not name.isprintable():
        raise invalid_field("filename", "printable characters in UTF-8")
    return optional_string(
        {"filename": name or None}, "filename", max_characters=MAX_IDENTIFIER_CHARACTERS
    )


def open_file(part: Part, name: str | None) -> File:
    """JSON that names a FHIR type in its beginning is FHIR: programs know it by no other name."""
    stated, charset = parse_media_type(part.headers.get(b"content-type", ""))
    suffix = PurePosixPath(name or "").suffix.lower()
    media_type = _BY_SUFFIX.get(suffix, "") if stated in _UNSTATED else stated
    if media_type not in _AS_FHIR:
        return File(name, media_type, charset, part.content)
    head, content = _peek(part.content)
    if _RESOURCE_TYPE.search(head):
        media_type = _AS_FHIR[media_type]
    return File(name, media_type, charset, content)


def _peek(content: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning, and all of it."""
    head: list[bytes] = []
    size = 0
    for piece in content:
        head.append(piece)
        size += len(piece)
        if size >= _SNIFFED_BYTES:
            break
    return b"".join(head), chain(head, content)

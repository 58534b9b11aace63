"""From paths or standard input to parts: what each kind of file becomes."""

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from services.client.parts import (
    FHIR_NDJSON,
    MULTIPART,
    NDJSON,
    Bounds,
    Gatherer,
    Part,
    cut_lines,
    read_lines,
    whole_bytes,
    whole_file,
)
from services.client.sources import Skipped, Source, find_sources, resource_type

_SNIFF_BYTES = 64 * 1024
_XML = "application/xml"
_FHIR_JSON = "application/fhir+json"
_MEDIA_TYPES = {
    ".xml": _XML,
    ".pdf": "application/pdf",
    ".rtf": "application/rtf",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
}
_SMALL_RESOURCE = 2**20


class FileGatherer:
    """Gathers files into bodies of `multipart/form-data` (RFC 7578).

    The boundary stands for the key's holder: it is the same for every part, so that a repeat sends
    the same bytes, and cannot be guessed by whoever wrote the files.
    """

    def __init__(self, secret: bytes, bounds: Bounds) -> None:
        boundary = hmac.digest(secret, b"multipart boundary", "sha256").hex()[:32]
        self._delimiter = f"--{boundary}".encode()
        self._gatherer = Gatherer(
            f"{MULTIPART}; boundary={boundary}", secret, bounds, end=self._delimiter + b"--\r\n"
        )
        self.flush = self._gatherer.flush

    def add(self, name: str, media_type: str, data: bytes, documents: int = 1) -> Part | None:
        """Take a file of at most so many documents; the finished part if it did not fit there."""
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        head = (
            f'Content-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        )
        body = b"%b\r\n%b%b\r\n" % (self._delimiter, head.encode(), data)
        return self._gatherer.add(body, name, documents)


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts for one holder of `secret`, within `bounds`."""

    secret: bytes
    bounds: Bounds

    def paths(self, paths: Sequence[Path]) -> Iterator[Part | Skipped]:
        """Parts as they fill up.

        Texts, each a document whose custom id is its name, share parts; so do small files of one
        FHIR resource each; so do other whole files (C-CDA, Bundles, PDF, RTF, HTML), each under its
        name. Files of lines, and what is too large to be gathered, have parts of their own.
        """
        texts = Gatherer(NDJSON, self.secret, self.bounds)
        resources = Gatherer(FHIR_NDJSON, self.secret, self.bounds)
        files = FileGatherer(self.secret, self.bounds)
        for source in find_sources(paths):
            if isinstance(source, Skipped):
                yield source
            elif source.kind == "text":
                yield from self._text(source, texts)
            elif source.kind == "json":
                yield from self._json(source, resources, files)
            elif source.kind == "lines":
                yield from self._lines(source)
            else:
                yield from self._whole(source, files)
        yield from (part for part in (texts.flush(), resources.flush(), files.flush()) if part)

    def standard_input(self, file: BinaryIO) -> Iterator[Part | Skipped]:
        """What begins as JSON lines is cut; another JSON, XML or text is one body or document."""
        name = "standard input"
        head = file.readline(self.bounds.size + 1)
        if _is_record(head):
            lines = chain([head.rstrip() + b"\n"], read_lines(file, self.bounds.record))
            yield from cut_lines(name, lines, self.secret, self.bounds)
            return
        data = head + file.read(max(0, self.bounds.size - len(head)) + 1)
        if len(data) > self.bounds.size:
            yield Skipped(name, "it is too large to be held in memory; put it in a file")
        elif data.lstrip().startswith((b"{", b"[")):
            yield whole_bytes(name, data, _json_type(data), self.secret)
        elif data.lstrip().startswith(b"<"):
            yield whole_bytes(name, data, _XML, self.secret)
        elif data.strip():
            texts = Gatherer(NDJSON, self.secret, self.bounds)
            yield from _add_text("stdin", data, texts)
            yield from (part for part in (texts.flush(),) if part)
        else:
            yield Skipped(name, "it is empty")

    def _text(self, source: Source, texts: Gatherer) -> Iterator[Part | Skipped]:
        with source.open() as file:
            data = file.read(self.bounds.record + 1)
        if len(data) > self.bounds.record:
            yield Skipped(source.name, "it is longer than the server takes in one document")
        elif not data.strip():
            yield Skipped(source.name, "it is empty")
        else:
            yield from _add_text(source.name, data, texts)

    def _json(
        self, source: Source, resources: Gatherer, files: FileGatherer
    ) -> Iterator[Part | Skipped]:
        with source.open() as file:
            data = file.read(min(_SMALL_RESOURCE, self.bounds.record))
            small = not file.read(1)
        kind = resource_type(data)
        if not small or kind is None:
            yield whole_file(source, _json_type(data), self.secret)
            return
        if kind == "Bundle":
            part = files.add(source.name, _FHIR_JSON, data, data.count(b'"resourceType"'))
        else:
            # JSON strings hold no raw line ends, so this changes nothing but the layout.
            line = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ")
            part = resources.add(line + b"\n", source.name)
        if part:
            yield part

    def _whole(self, source: Source, files: FileGatherer) -> Iterator[Part | Skipped]:
        with source.open() as file:
            data = file.read(self.bounds.record + 1)
        if len(data) > self.bounds.record:
            yield Skipped(source.name, "it is longer than the server takes in one document")
        elif not data.strip():
            yield Skipped(source.name, "it is empty")
        elif not source.name.isprintable():
            yield Skipped(source.name, "its name has characters that cannot be printed")
        elif part := files.add(source.name, _MEDIA_TYPES[source.suffix], data):
            yield part

    def _lines(self, source: Source) -> Iterator[Part | Skipped]:
        if _holds_binaries(source, self.bounds.record):
            yield whole_file(source, FHIR_NDJSON, self.secret)
            return
        empty = True
        with source.open() as file:
            lines = read_lines(file, self.bounds.record)
            for part in cut_lines(source.name, lines, self.secret, self.bounds):
                empty = False
                yield part
        if empty:
            yield Skipped(source.name, "it is empty")


def _add_text(name: str, data: bytes, texts: Gatherer) -> Iterator[Part | Skipped]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Skipped(name, "it is not UTF-8")
        return
    record = json.dumps({"custom_id": name, "text": text}, ensure_ascii=False)
    if part := texts.add(record.encode() + b"\n", name):
        yield part


def _json_type(head: bytes) -> str:
    return _FHIR_JSON if resource_type(head) else "application/json"


def _is_record(line: bytes) -> bool:
    """Whether a line is a whole JSON object, and not a body of `{"documents": […]}`."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and ("documents" not in value or "text" in value)


def _holds_binaries(source: Source, longest: int) -> bool:
    with source.open() as file:
        lines = read_lines(file, longest)
        first = next((line for line in lines if line.strip()), b"")
        if not resource_type(first):
            return False
        return any(resource_type(line) == "Binary" for line in chain([first], lines))

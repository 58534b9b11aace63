"""From paths or standard input to parts: what each kind of file becomes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from services.client.parts import (
    FHIR_NDJSON,
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
_SMALL_RESOURCE = 2**20


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts for one holder of `secret`, within `bounds`."""

    secret: bytes
    bounds: Bounds

    def paths(self, paths: Sequence[Path]) -> Iterator[Part | Skipped]:
        """Parts as they fill up.

        Texts, each a document whose custom id is its name, share parts, and so do small files of
        one FHIR resource each; every other file has parts of its own.
        """
        texts = Gatherer(NDJSON, self.secret, self.bounds)
        resources = Gatherer(FHIR_NDJSON, self.secret, self.bounds)
        for source in find_sources(paths):
            if isinstance(source, Skipped):
                yield source
            elif source.kind == "text":
                yield from self._text(source, texts)
            elif source.kind == "json":
                yield from self._json(source, resources)
            elif source.kind == "lines":
                yield from self._lines(source)
            else:
                yield whole_file(source, _XML, self.secret)
        yield from (part for part in (texts.flush(), resources.flush()) if part)

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

    def _json(self, source: Source, resources: Gatherer) -> Iterator[Part]:
        with source.open() as file:
            data = file.read(_SMALL_RESOURCE)
            small = not file.read(1)
        if small and resource_type(data) not in (None, "Bundle"):
            # JSON strings hold no raw line ends, so this changes nothing but the layout.
            line = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ")
            if part := resources.add(line + b"\n", source.name):
                yield part
        else:
            yield whole_file(source, _json_type(data), self.secret)

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
    return "application/fhir+json" if resource_type(head) else "application/json"


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

"""From paths or standard input to parts: what each kind of file becomes."""

import gzip
import hmac
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from services.client.input_files import InputFile, Skipped, find_input_files, resource_type
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
_NO_TEXT = {
    b"%PDF": "it is a PDF; give it as a file whose name ends in .pdf",
    b"{\\rtf": "it is RTF; give it as a file whose name ends in .rtf",
    b"\x1f\x8b": "it is gzip; give it as a file whose name ends in .gz, or unpack it",
}


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
        for file in find_input_files(paths):
            if isinstance(file, Skipped):
                yield file
            elif file.kind == "text":
                yield from _told(file, self._text(file, texts))
            elif file.kind == "json":
                yield from _told(file, self._json(file, resources, files))
            elif file.kind == "lines":
                yield from _told(file, self._lines(file))
            else:
                yield from _told(file, self._whole(file, files))
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

    def _text(self, file: InputFile, texts: Gatherer) -> Iterator[Part | Skipped]:
        with file.open() as opened:
            data = opened.read(self.bounds.record + 1)
        if len(data) > self.bounds.record:
            yield Skipped(file.name, "it is longer than the server takes in one document")
        elif not data.strip():
            yield Skipped(file.name, "it is empty")
        else:
            yield from _add_text(file.name, data, texts)

    def _json(
        self, file: InputFile, resources: Gatherer, files: FileGatherer
    ) -> Iterator[Part | Skipped]:
        with file.open() as opened:
            data = opened.read(min(_SMALL_RESOURCE, self.bounds.record))
            small = not opened.read(1)
        first, _, rest = data.partition(b"\n")
        if rest.strip() and _is_record(first):
            yield from self._lines(file)  # NDJSON by another name
            return
        kind = resource_type(data)
        if not small or kind is None:
            yield whole_file(file, _json_type(data), self.secret)
            return
        if kind == "Bundle":
            part = files.add(file.name, _FHIR_JSON, data, data.count(b'"resourceType"'))
        elif not _is_json(data):
            # Among the others it would be a line of which nobody knows the file.
            part = files.add(file.name, _FHIR_JSON, data)
        else:
            # JSON strings hold no raw line ends, so this changes nothing but the layout.
            line = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ")
            part = resources.add(line + b"\n", file.name)
        if part:
            yield part

    def _whole(self, file: InputFile, files: FileGatherer) -> Iterator[Part | Skipped]:
        with file.open() as opened:
            data = opened.read(self.bounds.record + 1)
        if len(data) > self.bounds.record:
            yield Skipped(file.name, "it is longer than the server takes in one document")
        elif not data.strip():
            yield Skipped(file.name, "it is empty")
        elif not file.name.isprintable():
            yield Skipped(file.name, "its name has characters that cannot be printed")
        elif part := files.add(file.name, _MEDIA_TYPES[file.suffix], data):
            yield part

    def _lines(self, file: InputFile) -> Iterator[Part | Skipped]:
        if _holds_binaries(file, self.bounds.record):
            yield whole_file(file, FHIR_NDJSON, self.secret)
            return
        empty = True
        with file.open() as opened:
            lines = read_lines(opened, self.bounds.record)
            for part in cut_lines(file.name, lines, self.secret, self.bounds):
                empty = False
                yield part
        if empty:
            yield Skipped(file.name, "it is empty")


def _told(file: InputFile, parts: Iterator[Part | Skipped]) -> Iterator[Part | Skipped]:
    """One file that cannot be read, or not to its end, must not stop the others."""
    try:
        yield from parts
    except (gzip.BadGzipFile, zlib.error):
        yield Skipped(file.name, "its name says gzip, and it is none or a damaged one")
    except EOFError:
        yield Skipped(file.name, "its gzip is cut off; copy it again")
    except OSError as error:
        yield Skipped(file.name, f"it cannot be read: {error.strerror}")


def _add_text(name: str, data: bytes, texts: Gatherer) -> Iterator[Part | Skipped]:
    for beginning, reason in _NO_TEXT.items():
        if data.startswith(beginning):
            yield Skipped(name, reason)
            return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Skipped(name, "it is not UTF-8; convert it, for example with iconv")
        return
    record = json.dumps({"custom_id": name, "text": text}, ensure_ascii=False)
    if part := texts.add(record.encode() + b"\n", name):
        yield part


def _json_type(head: bytes) -> str:
    return _FHIR_JSON if resource_type(head) else "application/json"


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _is_record(line: bytes) -> bool:
    """Whether a line is a whole JSON object, and not a body of `{"documents": […]}`."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and ("documents" not in value or "text" in value)


def _holds_binaries(file: InputFile, longest: int) -> bool:
    with file.open() as opened:
        lines = read_lines(opened, longest)
        first = next((line for line in lines if line.strip()), b"")
        if not resource_type(first):
            return False
        return any(resource_type(line) == "Binary" for line in chain([first], lines))

"""Cut what is to be submitted into parts within the server's limits, one of a kind in memory.

A part becomes a batch. Lines are never cut, nor moved from one file of lines to another, so the
line that a rejected record reports counts from the first line that the part's label names. A file
of FHIR lines that holds Binary resources stays whole: attachments must travel with their documents.
Parts are packed with gzip, but for text so repetitive that the server would take it for a bomb.
"""

import gzip
import hashlib
import hmac
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, Self

from services.client.input_files import InputFile, resource_type
from shared.schemas.batches import Limits

NDJSON = "application/x-ndjson"
MULTIPART = "multipart/form-data"
FHIR_NDJSON = "application/fhir+ndjson"
PART_DOCUMENTS = 5_000
PART_BYTES = 32 * 2**20
"""Smaller than the server's limits, so that the first part is worked on while the next is read."""

_CHUNK_BYTES = 256 * 1024
_GZIP_LEVEL = 3
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_SUSPICIOUS_RATIO = 100
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one part: documents, bytes before packing, bytes of one record."""

    documents: int
    size: int
    record: int

    @classmethod
    def within(cls, limits: Limits) -> Self:
        return cls(
            documents=min(PART_DOCUMENTS, limits.max_documents),
            size=min(PART_BYTES, limits.max_body_bytes),
            record=limits.max_record_bytes,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One body. `digest` is the HMAC-SHA-256 of content type and content, before packing."""

    label: str
    content_type: str
    content: bytes | Iterable[bytes]
    encoding: Literal["gzip"] | None
    digest: bytes
    documents: int | None
    """None where only the server can count them."""


class Gatherer:
    """Gathers lines, or files, into parts, packed as they come; `end` closes each part."""

    _first: str
    _last: str
    _size: int
    _documents: int
    _digest: "hmac.HMAC"
    _packed: io.BytesIO
    _packer: gzip.GzipFile

    def __init__(
        self,
        content_type: str,
        secret: bytes,
        bounds: Bounds,
        *,
        prefix: str = "",
        end: bytes = b"",
    ) -> None:
        self._content_type = content_type
        self._secret = secret
        self._bounds = bounds
        self._prefix = prefix
        self._end = end
        self._begin()

    def add(self, line: bytes, place: str, documents: int | None = None) -> Part | None:
        """Take a line that ends in a line feed; the finished part if it did not fit there.

        A line is one document, or none if it is blank, unless `documents` says how many it holds
        at most.
        """
        count = bool(line.strip()) if documents is None else documents
        full = self._size + len(line) + len(self._end) > self._bounds.size
        many = self._documents + count > self._bounds.documents
        part = self.flush() if full or many else None
        if not self._size:
            self._first = place
        self._last = place
        self._size += len(line)
        self._documents += count
        self._digest.update(line)
        self._packer.write(line)
        return part

    def flush(self) -> Part | None:
        """The part gathered so far, None if it holds no record."""
        self._digest.update(self._end)
        self._packer.write(self._end)
        self._packer.close()
        packed = self._packed.getvalue()
        plain = self._size > _SUSPICIOUS_RATIO * len(packed)
        span = self._first if self._first == self._last else f"{self._first}-{self._last}"
        part = Part(
            label=self._prefix + span,
            content_type=self._content_type,
            content=Unpacked(packed) if plain else packed,
            encoding=None if plain else "gzip",
            digest=self._digest.digest(),
            documents=self._documents,
        )
        held = self._documents
        self._begin()
        return part if held else None

    def _begin(self) -> None:
        self._first = self._last = ""
        self._size = self._documents = 0
        self._digest = _digest(self._content_type, self._secret)
        self._packed = io.BytesIO()
        self._packer = gzip.GzipFile(
            fileobj=self._packed, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0
        )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The content of a packed body; can be read again and again."""

    packed: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield from _chunks(gzip.GzipFile(fileobj=io.BytesIO(self.packed)))


@dataclass(frozen=True, slots=True)
class Packed:
    """The content of a file, packed while it is read; can be read again and again."""

    file: InputFile

    def __iter__(self) -> Iterator[bytes]:
        packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)
        with self.file.open() as opened:
            for chunk in _chunks(opened):
                yield packer.compress(chunk)
        yield packer.flush()


def cut_lines(name: str, lines: Iterator[bytes], secret: bytes, bounds: Bounds) -> Iterator[Part]:
    """Parts of NDJSON; its first record says whether it is FHIR."""
    gatherer: Gatherer | None = None
    for number, line in enumerate(lines, 1):
        if gatherer is None:
            if not line.strip():
                continue
            content_type = FHIR_NDJSON if resource_type(line) else NDJSON
            gatherer = Gatherer(content_type, secret, bounds, prefix=f"{name}, lines ")
        if part := gatherer.add(line, str(number)):
            yield part
    if gatherer and (part := gatherer.flush()):
        yield part


def read_lines(file: BinaryIO, longest: int) -> Iterator[bytes]:
    """Lines, each with its line feed.

    Of a line past `longest` bytes only so much is kept as the server needs to reject it as too
    long: the rest would have to be held in memory to no use.
    """
    mark = _BYTE_ORDER_MARK
    while line := file.readline(longest + 2):
        if not line.endswith(b"\n"):
            while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
                pass
            line += b"\n"
        yield line.removeprefix(mark)
        mark = b""


def whole_file(file: InputFile, content_type: str, secret: bytes) -> Part:
    """A file as one body; it is read twice, for the digest and to be sent."""
    digest = _digest(content_type, secret)
    with file.open() as opened:
        for chunk in _chunks(opened):
            digest.update(chunk)
    return Part(file.name, content_type, Packed(file), "gzip", digest.digest(), None)


def whole_bytes(name: str, data: bytes, content_type: str, secret: bytes) -> Part:
    digest = _digest(content_type, secret)
    digest.update(data)
    packed = gzip.compress(data, _GZIP_LEVEL, mtime=0)
    return Part(name, content_type, packed, "gzip", digest.digest(), None)


def _digest(content_type: str, secret: bytes) -> "hmac.HMAC":
    return hmac.new(secret, content_type.encode() + b"\0", hashlib.sha256)


def _chunks(file: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk

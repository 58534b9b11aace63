"""The files that a dataset version is uploaded from, and the body that they make.

One file is sent as it is, whatever its format: the server reads it. Several files of JSON lines go
as one body, the rows of each after those of the one before; where a file's name says which split it
is, the rows that name none get it.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, cast

from services.client.errors import EpicrisisClientError
from services.client.parts import NDJSON
from services.client.wire import Content
from shared.schemas.datasets import Split

_MEDIA_TYPES = {
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
}
_SPLIT_NAME = re.compile(r"(train|valid|val|dev|test)(?:ing|ation)?(?![a-z])")
_SPLITS: dict[str, Split] = {
    "train": "train",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK_BYTES = 256 * 1024
_LONGEST_LINE = 16 * 2**20
"""Longer than any row that a server takes; what is past it is passed on unread."""


@dataclass(frozen=True, slots=True)
class ExampleFile:
    path: Path
    media_type: str
    packed: bool
    """With gzip."""
    split: Split | None
    """That the file's name says: `train.jsonl`, `valid-1.csv`, `test2.jsonl.gz`."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """Where the rows of a file stand in the upload; `line` is what decisions name."""

    path: Path
    first_line: int
    last_line: int
    split: Split | None


@dataclass(frozen=True, slots=True)
class Examples:
    """A body of rows. `split` is that of all rows which name none."""

    content: Content
    content_type: str
    encoding: Literal["gzip"] | None
    split: Split | None


def find_example_files(paths: Sequence[Path]) -> list[ExampleFile]:
    """Raises EpicrisisClientError for what cannot be sent, alone or together."""
    files = [_file(path) for path in paths]
    tables = [file for file in files if file.media_type != NDJSON]
    if len(files) > 1 and tables:
        raise EpicrisisClientError(
            f"{tables[0].path.name} is no file of JSON lines, and several files make one version "
            "only if all of them are.",
            code="several_tables",
            how_to_fix="Put the rows into one file, with a column `split` where that matters, or "
            "convert each to JSON lines (.jsonl).",
        )
    return files


def read_examples(files: Sequence[ExampleFile]) -> Examples:
    """One body of all files, in their order."""
    if len(files) == 1:
        [file] = files
        encoding: Literal["gzip"] | None = "gzip" if file.packed else None
        return Examples(file.path, file.media_type, encoding, file.split)
    return Examples(JoinedLines(tuple(files)), NDJSON, None, None)


@dataclass(frozen=True, slots=True)
class JoinedLines:
    """Files of JSON lines as one; can be read again and again, in little memory."""

    files: tuple[ExampleFile, ...]
    rows: list[FileRows] = field(default_factory=list, compare=False)
    """Of the files that have been read."""

    def __iter__(self) -> Iterator[bytes]:
        self.rows.clear()
        line = 0
        for file in self.files:
            first = line + 1
            held = bytearray()
            for piece in _lines(file):
                line += piece.endswith(b"\n")
                held += piece
                if len(held) >= _CHUNK_BYTES:
                    yield bytes(held)
                    held.clear()
            yield bytes(held)
            self.rows.append(FileRows(file.path, first, line, file.split))


def _file(path: Path) -> ExampleFile:
    if not path.is_file():
        raise EpicrisisClientError(f"There is no file {path}.", code="file")
    packed = path.suffix.lower() == ".gz"
    name = path.name.lower().removesuffix(".gz")
    media_type = _MEDIA_TYPES.get(Path(name).suffix)
    if media_type is None:
        raise EpicrisisClientError(
            f"{path.name} ends in none of {' '.join(_MEDIA_TYPES)}.",
            code="unknown_format",
            how_to_fix="Name it after what it holds; each may be packed, as rows.jsonl.gz.",
        )
    named = _SPLIT_NAME.match(name)
    return ExampleFile(path, media_type, packed, _SPLITS[named[1]] if named else None)


def _lines(file: ExampleFile) -> Iterator[bytes]:
    """Each with its line feed; one that is too long comes in pieces, of which the last has it."""
    try:
        with _open(file) as opened:
            whole, mark = True, _BYTE_ORDER_MARK
            while piece := opened.readline(_LONGEST_LINE):
                row = piece.removeprefix(mark) if whole else piece
                yield _with_split(row, file.split) if whole and file.split else row
                whole, mark = piece.endswith(b"\n"), b""
            if not whole:
                yield b"\n"
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise EpicrisisClientError(
            f"{file.path.name} is damaged: its gzip cannot be unpacked to its end.",
            code="file",
            how_to_fix="Copy or pack it again. Nothing of the upload was kept.",
        ) from None


def _open(file: ExampleFile) -> BinaryIO:
    return cast("BinaryIO", gzip.open(file.path)) if file.packed else file.path.open("rb")


def _with_split(line: bytes, split: Split) -> bytes:
    """The row with its file's split, unless it names one; what is no object stays as it is."""
    row = line.lstrip()
    if not row.startswith(b"{"):
        return line
    if b'"split"' in row:
        return _with_split_if_none(line, split)
    comma = b"" if row[1:].lstrip().startswith(b"}") else b","
    return b'{"split":"%b"%b%b' % (split.encode(), comma, row[1:])


def _with_split_if_none(line: bytes, split: Split) -> bytes:
    """For a row in which the word stands as some member's name or value."""
    try:
        members = json.loads(line)
    except (ValueError, RecursionError):
        return line  # the server rejects it, and says why
    if members.get("split"):
        return line
    return json.dumps({**members, "split": split}).encode() + b"\n"

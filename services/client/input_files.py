"""The files that a submission is made of."""

import gzip
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

Kind = Literal["lines", "text", "json", "whole"]
_KINDS: dict[str, Kind] = {
    ".ndjson": "lines",
    ".jsonl": "lines",
    ".txt": "text",
    ".md": "text",
    ".json": "json",
    ".xml": "whole",
    ".pdf": "whole",
    ".rtf": "whole",
    ".html": "whole",
    ".htm": "whole",
    ".xhtml": "whole",
}
_SNIFF_BYTES = 64 * 1024
_RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:\s*"(\w+)"')


@dataclass(frozen=True, slots=True)
class InputFile:
    """`name` is relative to the folder that all given paths share: the default custom id."""

    path: Path
    name: str
    kind: Kind

    @property
    def suffix(self) -> str:
        """Of the unpacked file's name, in lower case."""
        return _suffix(self.name)

    def open(self) -> BinaryIO:
        """The content, unpacked if the file's name ends in .gz."""
        if self.path.suffix == ".gz":
            return cast("BinaryIO", gzip.open(self.path, "rb"))
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not submitted, and why."""

    name: str
    reason: str


def find_input_files(paths: Sequence[Path]) -> Iterator[InputFile | Skipped]:
    """Files as given, folders with all below them, in order of name, but for hidden ones."""
    anchored = [_anchored(path) for path in paths]
    folders = [path if path.is_dir() else path.parent for path in anchored]
    root = os.path.commonpath(folders)
    for given in anchored:
        for path, reason in _files_below(given) if given.is_dir() else [(given, None)]:
            name = path.relative_to(root).as_posix()
            kind = _KINDS.get(_suffix(name))
            if reason is not None:
                yield Skipped(name, reason)
            elif kind is None:
                known = " ".join(_KINDS)
                yield Skipped(name, f"its name ends in none of {known}")
            else:
                yield InputFile(path, name, kind)


def resource_type(head: bytes) -> str | None:
    """The FHIR type that the beginning of a JSON text names, or None if it is no FHIR."""
    match = _RESOURCE_TYPE.search(head[:_SNIFF_BYTES])
    return match[1].decode() if match else None


def _suffix(name: str) -> str:
    return Path(name.removesuffix(".gz")).suffix.lower()


def _files_below(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Files; and folders that are left out, each with the reason."""
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if Path(parent, name).is_symlink():
                yield Path(parent, name), "it is a link to a folder; name that folder itself"
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(parent, name), None
    for error in unreadable:
        yield Path(error.filename), f"it cannot be read: {error.strerror}"


def _anchored(path: Path) -> Path:
    """Absolute; a file that is a link keeps its own name."""
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name

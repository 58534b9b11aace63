"""Unpack a model version's archive as it comes: whole and as its manifest says, or not at all."""

import hashlib
import io
import re
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

from pydantic import ValidationError

from services.client.errors import EpicrisisClientError
from shared.schemas.registry import ArchiveManifest

MANIFEST = "manifest.json"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_CHUNK_BYTES = 2**20


class ArchiveDamaged(EpicrisisClientError):
    default_code = "archive_damaged"
    default_fix = "Repeat the command; if it stays so, the artifact store is damaged."


def unpack(chunks: Iterator[bytes], folder: Path) -> ArchiveManifest:
    """Make `folder`, which is empty or not there yet and then only its owner's, of a tar stream.

    Raises ArchiveDamaged, EpicrisisClientError, OSError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EpicrisisClientError(
            "The folder is not empty.",
            code="folder_not_empty",
            how_to_fix="Name one that is empty or not there yet.",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        found = _extract(chunks, part)
        manifest = _check(part, found)
        part.replace(folder)
    finally:
        rmtree(part, ignore_errors=True)
    return manifest


def _extract(chunks: Iterator[bytes], folder: Path) -> dict[str, str]:
    """Name → SHA-256 of every file."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=_Stream(chunks), mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or not _NAME.fullmatch(member.name) or member.name in found:
                    raise ArchiveDamaged("The archive holds what a model version does not.")
                sha256 = hashlib.sha256()
                with (folder / member.name).open("xb") as file:
                    while chunk := content.read(_CHUNK_BYTES):
                        sha256.update(chunk)
                        file.write(chunk)
                found[member.name] = sha256.hexdigest()
    except tarfile.TarError:
        raise ArchiveDamaged("The archive broke off, or is none.") from None
    return found


def _check(folder: Path, found: dict[str, str]) -> ArchiveManifest:
    try:
        manifest = ArchiveManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValidationError):
        raise ArchiveDamaged("The archive has no manifest that can be read.") from None
    if any(found.get(file.name) != file.sha256 for file in manifest.files):
        raise ArchiveDamaged("A file of the archive is not what its manifest says.")
    return manifest


class _Stream(io.RawIOBase):
    """Chunks as a file that is read from its beginning to its end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        pieces = [self._rest]
        length = len(self._rest)
        while size < 0 or length < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            pieces.append(chunk)
            length += len(chunk)
        content = b"".join(pieces)
        cut = length if size < 0 else size
        self._rest = content[cut:]
        return content[:cut]

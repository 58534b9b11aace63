"""What an artifact is: a folder of files that can be read without running them, and its digest.

The digest is the SHA-256 of the list of files, each with its size and SHA-256, in one written form,
so that who knows the digest can check every byte.
"""

import hashlib
import json
import re
import struct
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import EpicrisisError

_PLAIN_SUFFIXES = frozenset({".json", ".txt", ".jinja", ".model"})
_PICKLES = re.compile(rb"\x80[\x02-\x05]|PK\x03\x04")
"""How `pickle` and `torch.save` begin, whatever the file is called."""
_CTRANSLATE2_HEAD = re.compile(
    rb"[\x01-\x3f]\x00\x00\x00(?P<length>..)(?P<name>[A-Za-z0-9]+)\x00", re.DOTALL
)
_MAX_SAFETENSORS_HEADER = 100_000_000
"""The format's own limit."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=200)]
"""No folder, nothing hidden, nothing that leads elsewhere."""


class ArtifactUnusable(EpicrisisError):
    """Damaged, not what its digest says, or holding what nobody should load."""

    code = "artifact_unusable"


class ArtifactFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FileName
    size: int = Field(ge=0)
    """Bytes."""
    sha256: Sha256


class Artifact(BaseModel):
    """The list of files, in the order of their names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[ArtifactFile, ...] = Field(min_length=1)

    def written(self) -> bytes:
        """The one form that the digest is taken of."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.written()).hexdigest()


def describe_folder(folder: Path) -> Artifact:
    """The artifact that lies in `folder`. Raises ArtifactUnusable, OSError."""
    files = sorted(folder.iterdir())
    for file in files:
        refuse_unless_data(file)
    try:
        return Artifact(files=tuple(_describe(file) for file in files))
    except ValidationError:
        raise ArtifactUnusable("The folder is empty, or a file in it has an odd name.") from None


def parse_artifact(written: bytes, digest: str) -> Artifact:
    """The artifact of that digest. Raises ArtifactUnusable if the list is another."""
    if hashlib.sha256(written).hexdigest() != digest:
        raise ArtifactUnusable("The artifact's list of files is not the one of its digest.")
    try:
        artifact = Artifact.model_validate_json(written)
    except ValidationError:
        raise ArtifactUnusable("The artifact's list of files names what it must not.") from None
    if len({file.name for file in artifact.files}) != len(artifact.files):
        raise ArtifactUnusable("The artifact's list of files names one twice.")
    return artifact


def verify_file(path: Path, expected: ArtifactFile) -> None:
    """Raises ArtifactUnusable unless `path` holds exactly what the list says, OSError."""
    if path.stat().st_size != expected.size or _sha256(path) != expected.sha256:
        raise ArtifactUnusable("A file of the artifact is damaged.")
    refuse_unless_data(path)


def refuse_unless_data(path: Path) -> None:
    """Raises ArtifactUnusable for a file that is not plainly data: a pickle is a program.

    Allowed are safetensors, text, a SentencePiece `.model`, and `model.bin` only if it begins as
    CTranslate2 writes it.
    """
    if path.is_symlink() or not path.is_file():
        raise ArtifactUnusable("An artifact holds plain files only.")
    with path.open("rb") as file:
        head = file.read(256)
    if path.name == "model.bin":
        allowed = _is_ctranslate2(head)
    elif path.suffix == ".safetensors":
        allowed = _is_safetensors(head)
    else:
        allowed = path.suffix in _PLAIN_SUFFIXES and _PICKLES.match(head) is None
    if not allowed:
        raise ArtifactUnusable(
            "An artifact holds a file of a kind that is not loaded.",
            how_to_fix="Weights come as safetensors, or as CTranslate2's model.bin.",
        )


def _is_ctranslate2(head: bytes) -> bool:
    """Little-endian format version, then the specification's name, as `ModelSpec.save` writes."""
    found = _CTRANSLATE2_HEAD.match(head)
    if found is None:
        return False
    (length,) = struct.unpack("<H", found["length"])
    return length == len(found["name"]) + 1 and found["name"].endswith(b"Spec")


def _is_safetensors(head: bytes) -> bool:
    """Little-endian length of the header, then the header, which is a JSON object."""
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and length <= _MAX_SAFETENSORS_HEADER


def _describe(path: Path) -> ArtifactFile:
    return ArtifactFile(name=path.name, size=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

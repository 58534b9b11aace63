"""What a backup holds, written last: a folder without it is no backup."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from services.local.files import write_private
from shared.errors import Misconfigured

MANIFEST = "manifest.json"
DATABASE = "database.dump"
ANCHOR = "audit.anchor"
ARTIFACTS = "artifacts"
KEYS = "keys.json"


class StoredFile(BaseModel):
    sha256: str
    size: int
    """Bytes."""


class AuditHead(BaseModel):
    """The last link of a tenant's chain."""

    seq: int
    mac: str
    """Hexadecimal."""


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    epicrisis: str
    """Version of the program that took it."""
    revision: str
    """Of the schema."""
    postgres: int
    """Major version of the server."""
    taken_at: datetime
    """The one point in time that everything in the backup is of."""
    counts: dict[str, int]
    """Rows by table."""
    audit_heads: dict[str, AuditHead]
    """By tenant: `tenant_…`."""
    files: dict[str, StoredFile]
    """By path in the folder. The keys are not among them: they are kept elsewhere."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_private(folder / MANIFEST, manifest.model_dump_json(indent=1))


def read_manifest(folder: Path) -> Manifest:
    """The manifest, once every file was found to be what it says. Raises Misconfigured."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_text())
    except (OSError, ValidationError):
        raise Misconfigured(
            f"{folder} holds no whole backup that this version can read.",
            how_to_fix="Name the folder that `epicrisis backup` wrote.",
        ) from None
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file() or describe(path) != expected:
            raise Misconfigured(
                f"{name} of the backup is missing or damaged.", how_to_fix="Use another backup."
            )
    return manifest


def describe(path: Path) -> StoredFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return StoredFile(sha256=digest, size=path.stat().st_size)

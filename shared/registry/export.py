"""A version as a tar stream: the artifact's files as they lie in the store, and two of ours.

manifest.json       what it is and came from, with the digest of every file; first
config.json, model.safetensors, tokenizer.json, …   Hugging Face layout
README.md           the model card
"""

import tarfile
from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.artifacts import Artifact
from shared.schemas.registry import ArchivedFile, ArchiveManifest, ModelVersionAnswer
from shared.storage import Storage

MANIFEST = "manifest.json"
CARD = "README.md"
_BLOCK = 512


def export_version(
    storage: Storage, artifact: Artifact, version: ModelVersionAnswer, card: str
) -> Iterator[bytes]:
    """Raises ArtifactUnusable, StorageUnavailable: the stream then breaks off before its end."""
    made_at = version.created_at
    files = [file for file in artifact.files if file.name not in (MANIFEST, CARD)]
    listed = [ArchivedFile.model_validate(file.model_dump()) for file in files]
    manifest = ArchiveManifest(version=version, files=listed).model_dump_json(indent=1).encode()
    yield from _member(MANIFEST, len(manifest), [manifest], made_at)
    for file in files:
        yield from _member(file.name, file.size, storage.read(artifact.digest, file), made_at)
    readme = card.encode()
    yield from _member(CARD, len(readme), [readme], made_at)
    yield b"\0" * (2 * _BLOCK)


def _member(name: str, size: int, chunks: Iterable[bytes], at: datetime) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = size, int(at.timestamp())
    yield info.tobuf()
    yield from chunks
    yield b"\0" * (-size % _BLOCK)

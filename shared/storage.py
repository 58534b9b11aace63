"""Artifacts by digest, in a folder or an object store, through fsspec.

    artifacts/DIGEST/files/NAME        first
    artifacts/DIGEST/manifest.json     last: an artifact without it is not there
    engines/KEY.json …                 pointers: names that lead to a digest

Object stores cannot rename, so what makes an artifact appear is its list of files, written when all
of them lie there. Who reads checks every byte against the digest; who can write to the store can
still make a pointer lead elsewhere, so that right is for workers alone.
"""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import fsspec
from fsspec.implementations.local import LocalFileSystem
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.artifacts import (
    Artifact,
    ArtifactFile,
    ArtifactUnusable,
    Sha256,
    describe_folder,
    parse_artifact,
    verify_file,
)
from shared.config import StorageSettings
from shared.errors import EpicrisisError, Misconfigured, NotFound

_MAX_LIST_BYTES = 2**20
_CHUNK_BYTES = 2**20


class StorageUnavailable(EpicrisisError):
    """Passing: the store is away, or refuses the credentials."""

    code = "storage_unavailable"


class _Pointer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    artifact: Sha256


class Storage:
    """One store. Every method raises StorageUnavailable when it cannot be reached."""

    def __init__(self, url: str, endpoint_url: str | None = None) -> None:
        """`url` as fsspec reads it; `endpoint_url` of an S3-compatible server. Connects lazily.

        Raises Misconfigured for a kind of store that nothing installed speaks to.
        """
        try:
            self._store, root = fsspec.core.url_to_fs(url, **_options(url, endpoint_url))
        except (ValueError, ImportError):
            raise Misconfigured(
                "EPICRISIS_ARTIFACTS_URL names a kind of store that cannot be spoken to.",
                how_to_fix="pip install 'epicrisis[s3]' for s3://bucket/prefix; or name a folder.",
            ) from None
        self._root = root.rstrip("/")

    @classmethod
    def from_settings(cls, settings: StorageSettings | None = None) -> Self | None:
        """None where EPICRISIS_ARTIFACTS_URL is unset."""
        settings = settings or StorageSettings()
        if settings.artifacts_url is None:
            return None
        return cls(settings.artifacts_url, settings.artifacts_endpoint_url)

    def publish(self, folder: Path, *, repair: bool = False) -> Artifact:
        """Lay the files of `folder` into the store; the same files again cost one question.

        `repair`: write them even so, over what may be damaged there. Raises ArtifactUnusable for a
        folder with anything but plain data in it.
        """
        artifact = describe_folder(folder)
        if not repair and self.exists(artifact.digest):
            return artifact
        with _reaching():
            for file in artifact.files:
                self._put(folder / file.name, self._file(artifact.digest, file.name))
            self._write(self._list(artifact.digest), artifact.written())
        return artifact

    def exists(self, digest: str) -> bool:
        with _reaching():
            return bool(self._store.exists(self._list(digest)))

    def describe(self, digest: str) -> Artifact:
        """The artifact's list of files. Raises NotFound, ArtifactUnusable."""
        written = self._read(self._list(digest))
        if written is None:
            raise NotFound("There is no artifact of that digest.")
        return parse_artifact(written, digest)

    def read(self, digest: str, file: ArtifactFile) -> Iterator[bytes]:
        """A file of the artifact, piece by piece.

        Raises ArtifactUnusable at the end of one that is not what the list says.
        """
        sha256, size = hashlib.sha256(), 0
        with _reaching(), _complete(), self._store.open(self._file(digest, file.name)) as stored:
            while chunk := stored.read(_CHUNK_BYTES):
                sha256.update(chunk)
                size += len(chunk)
                if size > file.size:
                    break
                yield chunk
        if size != file.size or sha256.hexdigest() != file.sha256:
            raise ArtifactUnusable("A file of the artifact is damaged.")

    def fetch(self, digest: str, into: Path) -> Artifact:
        """Make `into`, which must not be there yet, of the artifact's files: whole or not at all.

        Raises NotFound, ArtifactUnusable.
        """
        artifact = self.describe(digest)
        with _reaching():
            into.parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=into.parent, prefix=f".{into.name}."))
        try:
            with _reaching(), _complete():
                self._download(artifact, folder)
                folder.chmod(0o755)
                folder.rename(into)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return artifact

    def point(self, name: str, digest: str) -> None:
        """Let `name`, such as `engines/KEY`, lead to a published artifact. The last one wins."""
        with _reaching():
            pointer = _Pointer(artifact=digest).model_dump_json()
            self._write(f"{self._root}/{name}.json", pointer.encode())

    def follow(self, name: str) -> str | None:
        """The digest that `name` leads to. Raises ArtifactUnusable for what is no pointer."""
        written = self._read(f"{self._root}/{name}.json")
        try:
            return None if written is None else _Pointer.model_validate_json(written).artifact
        except ValidationError:
            raise ArtifactUnusable("A pointer in the store names no digest.") from None

    def copy_out(self, folder: Path) -> None:
        """Copy all that is published into `folder`, for a backup; others may go on publishing.

        Pointers are listed first, so that none in the copy leads to an artifact that is not.
        """
        with _reaching():
            pointers = [name for name in self._names() if not _is_in_artifact(name)]
            for name in [*pointers, *filter(_is_in_artifact, self._names())]:
                local = folder / name
                local.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._store.get_file(f"{self._root}/{name}", str(local))

    def copy_in(self, folder: Path) -> None:
        """Publish what `copy_out` copied: files, then the artifacts' lists, then pointers."""
        paths = [path for path in folder.rglob("*") if path.is_file()]
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        with _reaching():
            for name in sorted(
                names, key=lambda each: (not _is_in_artifact(each), "/files/" not in each)
            ):
                self._put(names[name], f"{self._root}/{name}")

    def _names(self) -> list[str]:
        """Every file below the root but what is being written."""
        found = [path.removeprefix(f"{self._root}/") for path in self._store.find(self._root)]
        return [name for name in found if not any(p.startswith(".") for p in name.split("/"))]

    def _download(self, artifact: Artifact, folder: Path) -> None:
        for file in artifact.files:
            remote = self._file(artifact.digest, file.name)
            if self._store.size(remote) != file.size:
                raise ArtifactUnusable("A file of the artifact is damaged.")
            self._store.get_file(remote, str(folder / file.name))
            verify_file(folder / file.name, file)

    def _read(self, path: str) -> bytes | None:
        with _reaching():
            try:
                if self._store.size(path) > _MAX_LIST_BYTES:
                    raise ArtifactUnusable("A list or pointer in the store is too long.")
                content = self._store.cat_file(path)
            except FileNotFoundError:
                return None
        return bytes(content)

    def _write(self, path: str, content: bytes) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self._put(Path(file.name), path)

    def _put(self, local: Path, remote: str) -> None:
        """An object store shows an object when it is whole; a folder shows a rename."""
        if not isinstance(self._store, LocalFileSystem):
            self._store.put_file(str(local), remote)
            return
        target = Path(remote)
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            shutil.copyfile(local, half)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)

    def _list(self, digest: str) -> str:
        return f"{self._root}/artifacts/{digest}/manifest.json"

    def _file(self, digest: str, name: str) -> str:
        return f"{self._root}/artifacts/{digest}/files/{name}"


def _is_in_artifact(name: str) -> bool:
    return name.startswith("artifacts/")


@contextmanager
def _complete() -> Iterator[None]:
    """What the list names and the store lacks will not come back by itself."""
    try:
        yield
    except FileNotFoundError:
        raise ArtifactUnusable("A file of the artifact is missing.") from None


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except EpicrisisError:
        raise
    except Exception as error:
        # Each kind of store raises its own; none of them is a mistake of the caller's.
        raise StorageUnavailable(
            f"The artifact store cannot be used ({type(error).__name__}).",
            how_to_fix="Check EPICRISIS_ARTIFACTS_URL, the credentials and the server.",
        ) from error


def _options(url: str, endpoint_url: str | None) -> dict[str, Any]:
    """For S3: nothing remembered between questions, and what every compatible server speaks.

    A server that is not Amazon's often knows neither a host name per bucket nor the trailing
    checksums that botocore adds since 1.36; every byte is checked here anyway.
    """
    if not url.startswith("s3://"):
        return {}
    options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
    if endpoint_url is not None:
        options["endpoint_url"] = endpoint_url
        options["config_kwargs"] = {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
    return options

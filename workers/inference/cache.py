"""Converted models by digest, made once however many workers and machines start together."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import get_logger
from shared.storage import Storage
from workers.inference.exchange import fetch_engine, publish_engine
from workers.inference.manifest import Manifest, read_manifest
from workers.inference.model_files import ModelFiles, model_digest

UNSUPPORTED = 3
UNUSABLE = 4
"""Exit statuses of `workers.inference.convert`, which is not imported here: it imports torch."""
_CONVERSION_SECONDS = 3600
_log = get_logger()


@dataclass(frozen=True, slots=True)
class Converted:
    """A verified entry of the cache."""

    directory: Path
    manifest: Manifest


def ensure_converted(
    files: ModelFiles,
    cache: Path,
    compute_type: str,
    store: Storage | None = None,
    make: Callable[[ModelFiles, Path, str], Manifest | None] | None = None,
) -> Converted | None:
    """The converted form of `files`, fetched from `store` or made now if `cache` has none whole.

    `make` writes it into a directory; else a process of its own does, so that torch is not here.
    None: the fast engine has no such architecture. Raises ModelUnusable for a model that no engine
    can use, ModelUnavailable when the conversion died (memory, disk).
    """
    source, made = model_digest(files), False
    directory = cache / _key(files.name, source, compute_type)
    manifest = _read(directory, source, compute_type)
    if manifest is None:
        with _locked(cache, directory.name):
            manifest = _read(directory, source, compute_type)
            if manifest is None:
                _clear(directory)
                if store is not None:
                    manifest = fetch_engine(store, files, directory, compute_type)
            if manifest is None:
                manifest = (make or _convert)(files, directory, compute_type)
                made = True
    if manifest is not None and made and store is not None:
        publish_engine(store, directory)
    return Converted(directory, manifest) if manifest else None


def find_converted(files: ModelFiles, cache: Path, compute_type: str) -> Converted | None:
    """What `cache` has of it already."""
    source = model_digest(files)
    directory = cache / _key(files.name, source, compute_type)
    manifest = _read(directory, source, compute_type)
    return None if manifest is None else Converted(directory, manifest)


def _read(directory: Path, source: str, compute_type: str) -> Manifest | None:
    """None also for what was made of another model, however whole: folders can be mixed up."""
    manifest = read_manifest(directory)
    if manifest is None or (manifest.source_sha256, manifest.compute_type) != (
        source,
        compute_type,
    ):
        return None
    return manifest


def _clear(directory: Path) -> None:
    for leftover in [directory, *directory.parent.glob(f".{directory.name}.*")]:
        shutil.rmtree(leftover, ignore_errors=True)


def _key(name: str, source: str, compute_type: str) -> str:
    made_by = f"ctranslate2 {version('ctranslate2')}, transformers {version('transformers')}"
    parts = f"{name}\n{source}\n{compute_type}\n{made_by}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


@contextmanager
def _locked(cache: Path, name: str) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / f"{name}.lock").open("w")
    except OSError as error:
        raise ModelUnavailable("The folder of converted models cannot be written.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _convert(files: ModelFiles, directory: Path, compute_type: str) -> Manifest | None:
    _log.info("model_converting", model=files.name, compute_type=compute_type)
    command = [sys.executable, "-m", "workers.inference.convert", str(files.path), str(directory)]
    command += ["--compute-type", compute_type, "--name", files.name]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_CONVERSION_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelUnavailable("The conversion of the model did not come to an end.") from error
    if done.returncode == UNSUPPORTED:
        return None
    reason = (done.stderr.strip().splitlines() or ["it was killed"])[-1]
    if done.returncode == UNUSABLE:
        raise ModelUnusable(reason)
    manifest = read_manifest(directory) if done.returncode == 0 else None
    if manifest is None:
        _log.error("model_conversion_failed", status=done.returncode, reason=reason)
        raise ModelUnavailable(f"The conversion of the model ended with status {done.returncode}.")
    return manifest

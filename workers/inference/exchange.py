"""Converted models between machines, through the artifact store: converted on one, fetched by all.

`engines/KEY` leads to the artifact; the key names model, arithmetic and converter, and is the name
of the model's folder in the cache. A store that is away or damaged costs a conversion, no more.
"""

from pathlib import Path

from shared.errors import EpicrisisError, Misconfigured
from shared.logs import describe, get_logger
from shared.storage import Storage
from workers.inference.manifest import Manifest, read_manifest
from workers.inference.model_files import ModelFiles, model_digest

_log = get_logger()


def open_store() -> Storage | None:
    """The store that EPICRISIS_ARTIFACTS_URL names; None without one, or with one of no use."""
    try:
        return Storage.from_settings()
    except Misconfigured as error:
        _log.error("artifact_store_misconfigured", error=error.detail, how_to_fix=error.how_to_fix)
        return None


def fetch_engine(
    store: Storage, files: ModelFiles, directory: Path, compute_type: str
) -> Manifest | None:
    """Make `directory` of what the store has under its name; None if there is nothing usable."""
    try:
        digest = store.follow(_pointer(directory))
        if digest is None:
            return None
        store.fetch(digest, directory)
    except EpicrisisError as error:
        _log.warning("engine_not_fetched", error=describe(error))
        return None
    manifest = read_manifest(directory)
    wanted = (model_digest(files), compute_type)
    if manifest is None or (manifest.source_sha256, manifest.compute_type) != wanted:
        _log.warning("engine_not_fetched", error="it was made of another model")
        return None
    _log.info("engine_fetched", model=files.name, artifact=digest)
    return manifest


def publish_engine(store: Storage, directory: Path) -> None:
    """Let other machines have it. Two that publish at once publish the like, and the last wins."""
    try:
        # It was converted because the store had none, or a damaged one that may have this digest.
        digest = store.publish(directory, repair=True).digest
        store.point(_pointer(directory), digest)
    except (EpicrisisError, OSError) as error:
        _log.warning("engine_not_published", error=describe(error))
        return
    _log.info("engine_published", artifact=digest)


def _pointer(directory: Path) -> str:
    return f"engines/{directory.name}"

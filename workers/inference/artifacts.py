"""Bases and model versions by digest: from the artifact store to a folder of this machine."""

import fcntl
import re
import shutil
from pathlib import Path

from shared.artifacts import ArtifactUnusable, describe_folder
from shared.config import HomeSettings
from shared.errors import ModelUnusable
from shared.logs import get_logger
from shared.storage import Storage

_DIGEST = re.compile(r"[0-9a-f]{64}")
_log = get_logger()


def fetch_model(store: Storage, digest: str, home: HomeSettings) -> Path:
    """The folder with the artifact's files, every byte checked; fetched unless it is here.

    Raises NotFound, ArtifactUnusable for an artifact that is not what its digest says, and
    StorageUnavailable. A damaged copy on this machine is fetched again.
    """
    folder = home.models / digest
    if _is_whole(folder):
        return folder
    home.models.mkdir(parents=True, exist_ok=True)
    with (home.models / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            store.fetch(digest, folder)
            _log.info("model_fetched", artifact=digest)
    return folder


def verify_fetched(folder: Path) -> None:
    """Check a folder that `fetch_model` made, once more, before its model is loaded.

    0.3 s for half a gigabyte. Raises ModelUnusable.
    """
    if _DIGEST.fullmatch(folder.name) and not _is_whole(folder):
        raise ModelUnusable(
            "The model's files on this machine are not what they were.", code="model_damaged"
        )


def _is_whole(folder: Path) -> bool:
    try:
        return describe_folder(folder).digest == folder.name
    except (ArtifactUnusable, OSError):
        return False

"""Import bases: fetch, read in a process without network, publish, record."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from shared import leases
from shared.bases.ledger import (
    Imported,
    Wanted,
    claim_base,
    fail_base,
    read_wanted,
    record_base,
)
from shared.config import LedgerSettings
from shared.database import Database
from shared.errors import EpicrisisError, ModelUnusable
from shared.leases import Lease
from shared.logs import describe, get_logger
from shared.storage import Storage
from shared.tables import Base
from workers.presence import Presence
from workers.training.base_files import PACKAGED, find_base_files

_READ_SECONDS = 3600
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "OMP_NUM_THREADS")
"""What the process gets of ours: no URL and no key."""
_PAUSE_SECONDS = 10.0
_log = get_logger()


class Stopped(Exception):
    """The worker was told to stop."""


def import_bases(
    database: Database,
    store: Storage | None,
    presence: Presence,
    settings: LedgerSettings,
    stopping: Callable[[], bool],
) -> None:
    """Until no base waits or the worker is told to stop."""
    while not stopping():
        with database.transaction() as session:
            lease = claim_base(session, presence.worker, lease_seconds=settings.lease_seconds)
        if lease is None:
            return
        presence.report("busy")
        renew = partial(leases.renew, table=Base, lease=lease, lease_seconds=settings.lease_seconds)
        with presence.keep(renew):
            _work(database, store, settings, lease, stopping)


def _work(
    database: Database,
    store: Storage | None,
    settings: LedgerSettings,
    lease: Lease,
    stopping: Callable[[], bool],
) -> None:
    with database.transaction(lease.tenant) as session:
        wanted = read_wanted(session, lease)
    try:
        imported = make_base(wanted, store, stopping)
    except Stopped:
        with database.transaction(lease.tenant) as session:
            leases.release(session, Base, lease)
    except EpicrisisError as error:
        _fail(database, lease, error)
    except Exception as error:  # noqa: BLE001 - whatever a file does, the next base goes on
        _log.error("base_failed", base=str(lease.id), error=describe(error))
        if lease.attempts + 1 < settings.max_attempts:
            with database.transaction(lease.tenant) as session:
                leases.release(session, Base, lease, pause_seconds=_PAUSE_SECONDS, attempt=True)
        else:
            _fail(database, lease, _broken())
    else:
        with database.transaction(lease.tenant) as session:
            record_base(session, lease, imported)
        _log.info("base_ready", base=str(lease.id), artifact=imported.artifact)


def make_base(wanted: Wanted, store: Storage | None, stopping: Callable[[], bool]) -> Imported:
    """Raises ModelUnusable, ModelUnavailable, StorageUnavailable, and Stopped."""
    if store is None:
        raise ModelUnusable(
            "There is no artifact store to keep the base in.",
            code="no_store",
            how_to_fix="Set EPICRISIS_ARTIFACTS_URL.",
        )
    source = find_base_files(wanted.source)
    with tempfile.TemporaryDirectory(prefix="epicrisis-base-") as folder:
        destination = Path(folder, "base")
        found = _read(source, destination, stopping)
        artifact = store.publish(destination).digest
    if wanted.source == PACKAGED:
        found |= {"licence": "apache-2.0", "languages": ["en"]}
    return Imported(
        artifact=artifact,
        kind=found["kind"],
        architecture=found["architecture"],
        parameters=found["parameters"],
        window=found["window"],
        languages=wanted.languages or found["languages"],
        licence=wanted.licence or found["licence"],
    )


def _read(source: Path, destination: Path, stopping: Callable[[], bool]) -> dict[str, Any]:
    argv = [*_without_network(), sys.executable, "-m", "workers.training.read_base"]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            [*argv, str(source.absolute()), str(destination)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=complaints,
            env=environment | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        ) as process,
    ):
        _wait(process, stopping)
        said.seek(0)
        lines = said.read().splitlines()
        if process.returncode != 0 or not lines:
            complaints.seek(0)
            last = complaints.read()[-500:].decode("utf-8", "replace").splitlines()[-1:]
            _log.error("base_not_read", status=process.returncode, reason=last)
            raise _broken()
    found: dict[str, Any] = json.loads(lines[-1])
    if "code" in found:
        raise ModelUnusable(found["message"], code=found["code"], how_to_fix=found["how_to_fix"])
    return found


def _wait(process: "subprocess.Popen[bytes]", stopping: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READ_SECONDS
    try:
        while process.poll() is None:
            if stopping():
                raise Stopped
            if time.monotonic() > deadline:
                raise _broken()
            time.sleep(0.1)
    finally:
        process.kill()


@cache
def _without_network() -> tuple[str, ...]:
    """A command that takes the network away; nothing where this machine knows none."""
    for command in (("unshare", "-n"), ("unshare", "--user", "--map-root-user", "-n")):
        try:
            done = subprocess.run([*command, "true"], check=False, capture_output=True)
        except OSError:
            return ()
        if done.returncode == 0:
            return command
    return ()


def _broken() -> ModelUnusable:
    return ModelUnusable(
        "Reading the model did not come to an end.",
        code="base_unreadable",
        how_to_fix="Mostly it is memory: twice the weights are needed. See the worker's log.",
    )


def _fail(database: Database, lease: Lease, error: EpicrisisError) -> None:
    with database.transaction(lease.tenant) as session:
        fail_base(session, lease, error.error_code, error.detail, error.how_to_fix)
    _log.warning("base_refused", base=str(lease.id), code=error.error_code)

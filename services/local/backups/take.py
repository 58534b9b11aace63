"""Back up everything as of one point in time, while all goes on: `epicrisis backup`.

    python -m services.local.backups.take FOLDER [--home DIR] [--keys FILE]

The database, the artifacts and the anchor of the audit chains go into FOLDER; the tenants' wrapped
keys into a file of their own (`keys.py` says why); the master key nowhere. Without --home the
database is the one of EPICRISIS_DATABASE_URL, whose role must bypass row-level security.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, IsolationLevel
from sqlalchemy import make_url

from services.local.backups.dump import dump_database
from services.local.backups.failing import run
from services.local.backups.keys import KeyFile, collect_keys, write_key_file
from services.local.backups.manifest import (
    ANCHOR,
    ARTIFACTS,
    DATABASE,
    KEYS,
    MANIFEST,
    AuditHead,
    Manifest,
    describe,
    write_manifest,
)
from services.local.backups.place import Place, reach
from shared.errors import Misconfigured
from shared.ids import public_id

_COUNTED = ("tenants", "batches", "documents", "summaries", "audit_events")
_HEADS = """
    SELECT DISTINCT ON (tenant_id) tenant_id, seq, mac FROM audit_links
    ORDER BY tenant_id, seq DESC
"""


class _Snapshot(NamedTuple):
    name: str
    taken_at: datetime
    major: int


def take_backup(place: Place, folder: Path, key_file: Path) -> Manifest:
    """Write a backup into `folder`, which must be empty, and the keys to `key_file`.

    Raises Misconfigured.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Misconfigured(
            f"{folder} is not empty.", how_to_fix="Name a folder that is empty or not there yet."
        )
    key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _emptied_by_failure(folder):
        manifest, keys = _copy(place, folder)
        write_key_file(key_file, keys)
        write_manifest(folder, manifest)
    return manifest


def _copy(place: Place, folder: Path) -> tuple[Manifest, KeyFile]:
    # Before the snapshot: what is anchored in the copy is then in the database's copy, too.
    if place.anchor is not None and place.anchor.exists():
        Path(shutil.copyfile(place.anchor, folder / ANCHOR)).chmod(0o600)
    with _reading(place.url) as connection:
        snapshot = _export(connection)
        dump_database(place.url, snapshot.major, snapshot.name, folder / DATABASE)
        keys = collect_keys(connection, snapshot.taken_at)
        counts, heads = _count(connection), _heads(connection)
        [revision] = _one(connection, "SELECT version_num FROM alembic_version")
    # After it: what the database names was published before, and is never changed.
    if place.artifacts is not None:
        place.artifacts.copy_out(folder / ARTIFACTS)
    stored = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = Manifest(
        epicrisis=version("epicrisis"),
        revision=revision,
        postgres=snapshot.major,
        taken_at=snapshot.taken_at,
        counts=counts,
        audit_heads=heads,
        files={path.relative_to(folder).as_posix(): describe(path) for path in stored},
    )
    return manifest, keys


@contextmanager
def _emptied_by_failure(folder: Path) -> Iterator[None]:
    """So that the same command can be tried again."""
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


@contextmanager
def _reading(url: str) -> Iterator[Connection[Any]]:
    """One transaction that sees everything as of its beginning."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, connect_timeout=10) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        [sees_all] = _one(
            connection,
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
        )
        if not sees_all:
            raise Misconfigured(
                "This role cannot see every row, so a backup by it would hold none.",
                how_to_fix="Set EPICRISIS_DATABASE_URL to epicrisis_migrator's URL.",
            )
        yield connection


def _export(connection: Connection[Any]) -> _Snapshot:
    name, taken_at = _one(connection, "SELECT pg_export_snapshot(), now()")
    return _Snapshot(name, taken_at, connection.info.server_version // 10_000)


def _count(connection: Connection[Any]) -> dict[str, int]:
    return {
        table: _one(connection, f"SELECT count(*) FROM {table}")[0]  # noqa: S608 - ours
        for table in _COUNTED
    }


def _heads(connection: Connection[Any]) -> dict[str, AuditHead]:
    return {
        public_id("tenant", tenant): AuditHead(seq=seq, mac=mac.hex())
        for tenant, seq, mac in connection.execute(_HEADS)
    }


def _one(connection: Connection[Any], query: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(query.encode()).fetchone()
    if row is None:
        raise Misconfigured("This database is none of Epicrisis.")
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="epicrisis backup")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    key_file = given.keys or given.folder / KEYS

    def take() -> None:
        with reach(given.home) as place:
            manifest = take_backup(place, given.folder, key_file)
        _tell(manifest, given.folder, key_file, as_json=given.json)

    return run(take, as_json=given.json)


def _tell(manifest: Manifest, folder: Path, key_file: Path, *, as_json: bool) -> None:
    if as_json:
        print(manifest.model_dump_json(indent=1))
        return
    counts = ", ".join(f"{number} {table}" for table, number in manifest.counts.items())
    print(f"{folder / MANIFEST}: {counts}, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S %Z}.")
    print(
        f"Store {key_file} apart from it, in place of the earlier one. The master key is in none."
    )


if __name__ == "__main__":
    sys.exit(main())

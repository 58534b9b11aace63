"""Make an installation of a backup: `epicrisis restore`.

    python -m services.local.backups.restore FOLDER --home DIR [--keys FILE] [--master-keys FILE]

Into a home that is new; without --home into the empty database of EPICRISIS_DATABASE_URL (an
administrator's), with the roles' passwords as `migrations.provision` takes them. The keys file is
the newest there is, not the backup's own; `keys.py` says why. What ran when the backup was taken
holds leases of the past: the dispatcher queues it again, and a worker of before has too low a
fence. What was deleted after the keys file was written is back, and has to be deleted again.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import select

from migrations.provision import alembic_config, create_roles, provision
from services.local import credentials as secrets
from services.local import processes
from services.local.backups.dump import restore_database
from services.local.backups.failing import run
from services.local.backups.keys import delete_again, read_key_file, restore_keys
from services.local.backups.manifest import (
    ANCHOR,
    ARTIFACTS,
    DATABASE,
    KEYS,
    Manifest,
    read_manifest,
)
from services.local.backups.place import anchor_file, artifacts_of, outside_url, serving
from services.local.home import LOGS, held_home
from services.local.servers import database_identity, prepare_servers, role_urls
from shared.access.keys import create_key
from shared.config import AuditSettings, HomeSettings, ProvisionSettings, ServerSettings
from shared.database import Database, connect
from shared.errors import Misconfigured
from shared.master_keys import read_keys
from shared.schemas.access import SCOPES
from shared.storage import Storage
from shared.tables import Tenant
from shared.vault import Vault

_MAY_BE_THERE = {secrets.SECRETS_FILE, secrets.MASTER_KEYS_FILE, LOGS, "lock"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where the backup goes."""

    admin_url: str
    passwords: dict[str, str]
    """By role."""
    anchor: Path | None
    artifacts: Storage | None


def restore_backup(folder: Path, key_file: Path, vault: Vault, target: Target) -> Manifest:
    """Fill the target, whose database must be empty.

    Raises Misconfigured before any change for a damaged file, for keys that the master key does not
    open and for a backup of a newer version.
    """
    manifest = read_manifest(folder)
    _check_revision(manifest.revision)
    keys = read_key_file(key_file, vault, manifest.taken_at)
    _check_empty(target.admin_url)
    if (folder / ARTIFACTS).is_dir():
        _copy_artifacts(folder / ARTIFACTS, target.artifacts)
    create_roles(target.admin_url, target.passwords)
    migrator = role_urls(target.admin_url, target.passwords)["migrator"]
    restore_database(migrator, manifest.postgres, folder / DATABASE)
    with psycopg.connect(migrator) as connection:
        restore_keys(connection, keys)
    provision(target.admin_url, target.passwords)
    database = Database(connect(migrator))
    with database.transaction() as session:
        delete_again(session, keys)
    database.engine.dispose()
    # An anchor that is there already knows more than the backup's, and must go on knowing it.
    if (folder / ANCHOR).exists() and target.anchor is not None and not target.anchor.exists():
        shutil.copyfile(folder / ANCHOR, target.anchor)
        target.anchor.chmod(0o600)
    return manifest


def restore_home(folder: Path, key_file: Path, home: Path, master_keys: Path | None) -> Manifest:
    """Make a home that `epicrisis up` can run. Raises Misconfigured, and leaves no half of it."""
    if home.exists() and {path.name for path in home.iterdir()} - _MAY_BE_THERE:
        raise Misconfigured(f"{home} is not empty.", how_to_fix="Name a new home with --home.")
    manifest = read_manifest(folder)
    with held_home(home) as held:
        kept = _secrets(held, master_keys)
        vault = Vault.from_settings(secrets.master_key_settings(held, kept))
        read_key_file(key_file, vault, manifest.taken_at)
        with _undone_by_failure(held / "postgres", held / processes.ARTIFACTS):
            servers = prepare_servers(held, kept, ServerSettings())
            with serving(held, servers) as url:
                passwords = secrets.role_passwords(kept)
                target = Target(url, passwords, anchor_file(held), artifacts_of(held))
                restore_backup(folder, key_file, vault, target)
                keys = _new_keys(role_urls(url, passwords)["migrator"])
                secrets.save(held, secrets.with_keys(kept, database_identity(url), keys))
    return manifest


def _copy_artifacts(folder: Path, store: Storage | None) -> None:
    if store is None:
        raise Misconfigured(
            "The backup holds artifacts, and there is no place for them.",
            how_to_fix="Set EPICRISIS_ARTIFACTS_URL to a folder or an object store.",
        )
    store.copy_in(folder)


def _check_revision(revision: str) -> None:
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(revision)
    except CommandError:
        raise Misconfigured(
            "The backup was taken by a newer version of Epicrisis.",
            how_to_fix="Install that version, or a later one.",
        ) from None


def _check_empty(url: str) -> None:
    with psycopg.connect(url, connect_timeout=10) as connection:
        query = "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1"
        if connection.execute(query).fetchone() is not None:
            raise Misconfigured(
                "The database is not empty.", how_to_fix="Restore into a new, empty database."
            )


def _secrets(home: Path, master_keys: Path | None) -> secrets.Credentials:
    """The home's secrets, new but for the master keys, which must be those of the backup."""
    if secrets.given_master_keys() is not None:
        return secrets.load_or_create(home)
    file = master_keys or home / secrets.MASTER_KEYS_FILE
    if not file.exists():
        raise Misconfigured(
            "Without the master keys nothing in the backup can be read.",
            how_to_fix=f"Name a copy of the old home's {secrets.MASTER_KEYS_FILE} with "
            "--master-keys, or set EPICRISIS_MASTER_KEY.",
        )
    keys = read_keys(file)
    kept = secrets.load_or_create(home)
    secrets.write_master_keys(home, keys)
    return kept


def _new_keys(url: str) -> secrets.Keys:
    """API keys for the command on this machine, of the first tenant that has its data key."""
    database = Database(connect(url))
    with database.transaction() as session:
        tenant = session.scalars(
            select(Tenant.id)
            .where(Tenant.suspended_at.is_(None))
            .order_by(Tenant.shredded_at.is_not(None), Tenant.id)
            .limit(1)
        ).first()
        if tenant is None:
            raise Misconfigured("The backup holds no tenant that is not suspended.")
        _, api_key = create_key(session, tenant, [s for s in SCOPES if s != "admin"])
        _, admin_key = create_key(session, tenant, SCOPES)
    database.engine.dispose()
    return secrets.Keys(api_key, admin_key)


@contextmanager
def _undone_by_failure(*folders: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="epicrisis restore")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--master-keys", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    key_file, outside = given.keys or given.folder / KEYS, outside_url()

    def restore() -> None:
        if given.home is None and outside is not None:
            anchor = AuditSettings().audit_anchor
            target = Target(outside, _given_passwords(), anchor, Storage.from_settings())
            manifest = restore_backup(given.folder, key_file, Vault.from_settings(), target)
        else:
            home = given.home or HomeSettings().home
            manifest = restore_home(given.folder, key_file, home, given.master_keys)
        if given.json:
            print(manifest.model_dump_json(indent=1))
        else:
            print(f"Restored as of {manifest.taken_at:%Y-%m-%d %H:%M:%S %Z}.")

    return run(restore, as_json=given.json)


def _given_passwords() -> dict[str, str]:
    passwords = ProvisionSettings()
    return {
        "migrator": passwords.migrator_password.get_secret_value(),
        "api": passwords.api_password.get_secret_value(),
        "worker": passwords.worker_password.get_secret_value(),
        "auditor": passwords.auditor_password.get_secret_value(),
    }


if __name__ == "__main__":
    sys.exit(main())

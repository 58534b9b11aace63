"""A backup taken while all goes on, restored elsewhere."""

import json
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from services.local.backups.dump import dump_database
from services.local.backups.manifest import DATABASE, KEYS, MANIFEST
from services.local.backups.place import Place
from services.local.backups.restore import Target, restore_backup
from services.local.backups.take import take_backup
from services.local.binaries import find_client_program
from shared.access.tenants import open_vault
from shared.audit.record import record
from shared.documents.queries import get_text
from shared.errors import Gone, Misconfigured, NotFound
from shared.ids import public_id
from shared.intake.records import Record
from shared.master_keys import MasterKeys
from shared.retention.delete_batch import delete_batch
from shared.retention.erase_subject import erase_subject
from shared.vault import Vault
from tests.chaos.oracle import violations
from tests.fixtures.ledger import Ledger
from tests.fixtures.processes import wait_until


@contextmanager
def load(ledger: Ledger) -> Iterator[None]:
    """Documents come in and summaries come out for the length of the block."""
    stop = threading.Event()

    def submit() -> None:
        while not stop.is_set():
            ledger.submit("one", "two", "three")

    def work() -> None:
        while not stop.is_set():
            if claims := ledger.claim(budget=5):
                ledger.complete(*claims)

    threads = [threading.Thread(target=run) for run in (submit, work, work)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()


def drain(ledger: Ledger) -> None:
    """What ran when the backup was taken is queued again, and all is worked off."""
    with ledger.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE documents SET status = 'queued', worker_id = NULL, lease_expires_at = NULL "
                "WHERE status = 'running'"
            )
        )
    while claims := ledger.claim():
        ledger.complete(*claims)


def summaries(ledger: Ledger) -> int:
    with psycopg.connect(ledger.urls.auditor) as connection:
        [count] = connection.execute("SELECT count(*) FROM summaries").fetchone() or ()
    return int(count)


def shred(ledger: Ledger, tenant: object) -> None:
    with ledger.owner.transaction() as session:
        for statement in (
            "DELETE FROM data_keys WHERE tenant_id = :tenant",
            "UPDATE tenants SET shredded_at = now() WHERE id = :tenant",
        ):
            session.execute(text(statement), {"tenant": tenant})


def test_a_backup_under_load_is_one_point_in_time(  # noqa: PLR0913 - fixtures
    ledger: Ledger,
    place: Place,
    target: Target,
    restored: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        record(session, ledger.vault, ledger.tenant, "key_1", "batch.create", ["batch_1"])
    ledger.submit("first")
    held = ledger.claim()

    def dump_late(*arguments: Any) -> None:  # noqa: ANN401 - those of the original
        ledger.submit("while the dump begins")
        dump_database(*arguments)

    monkeypatch.setattr("services.local.backups.take.dump_database", dump_late)
    with load(ledger):
        wait_until(lambda: summaries(ledger) > 5)
        manifest = take_backup(place, tmp_path / "backup", tmp_path / "keys.json")
    late = ledger.submit("after the backup")

    restore_backup(tmp_path / "backup", tmp_path / "keys.json", ledger.vault, target)

    assert manifest.counts["audit_events"] == 1
    assert 5 < manifest.counts["summaries"] < manifest.counts["documents"]
    drain(restored)
    assert restored.complete(*held) == 0
    assert violations(restored.urls.auditor, acknowledged=manifest.counts["documents"]) == {}
    with psycopg.connect(restored.urls.auditor) as connection:
        query = "SELECT id FROM documents ORDER BY id LIMIT 1"
        [document] = connection.execute(query).fetchone() or ()
        assert connection.execute("SELECT 1 FROM batches WHERE id = %s", [late]).fetchone() is None
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (1,)
    vault = restored.opened()
    with restored.api.transaction(ledger.tenant) as session:
        assert get_text(session, vault, document) in {"first", "one", "two", "three"}
    assert (tmp_path / "restored.anchor").read_text() == "head\n"
    digest = target.artifacts.follow("engines/one") if target.artifacts else None
    assert digest is not None
    target.artifacts.fetch(digest, tmp_path / "fetched")
    assert (tmp_path / "fetched" / "config.json").read_text() == "{}"


def test_what_was_erased_since_is_erased_again(
    ledger: Ledger, place: Place, target: Target, restored: Ledger, tmp_path: Path
) -> None:
    subjects = ("Patient/17", "Patient/18")
    notes = [Record(line=n, text="note", subject=who) for n, who in enumerate(subjects, 1)]
    batch, deleted = ledger.submit_records(*notes), ledger.submit("note")
    folder, keys = tmp_path / "old", tmp_path / "keys.json"
    take_backup(place, folder, keys)
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        erased = erase_subject(session, vault, "Patient/17")
        delete_batch(session, deleted, force=True)
        for action, objects in (
            ("subject.erase", erased.objects),
            ("batch.delete", [public_id("batch", deleted)]),
        ):
            record(session, ledger.vault, ledger.tenant, "key_1", action, objects)
    take_backup(place, tmp_path / "new", keys)

    restore_backup(folder, keys, ledger.vault, target)

    assert restored.batch(batch).request_counts.total == 1
    with pytest.raises(NotFound):
        restored.batch(deleted)


def test_no_key_lies_in_the_backup(ledger: Ledger, place: Place, tmp_path: Path) -> None:
    folder, keys = tmp_path / "backup", tmp_path / "elsewhere.json"
    take_backup(place, folder, keys)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    told = json.loads(keys.read_text())["tenants"][str(ledger.tenant)]["keys"]
    assert set(told) == {"data key", "audit key"}
    program = find_client_program("pg_restore", 18)
    plain = subprocess.run(
        [program, "--file=-", folder / DATABASE], capture_output=True, check=True, text=True
    ).stdout
    assert "ward-1" in plain
    assert not any(key["wrapped"] in plain for key in told.values())
    assert {path.name for path in folder.iterdir()}.isdisjoint({KEYS, "master.keys"})
    with psycopg.connect(ledger.urls.migrator) as connection:
        [wrapped] = connection.execute("SELECT wrapped FROM data_keys").fetchone() or ()
    assert wrapped.hex() == told["data key"]["wrapped"]


def test_with_the_newest_keys_an_older_backup_stays_shredded(
    ledger: Ledger, place: Place, target: Target, restored: Ledger, tmp_path: Path
) -> None:
    gone = ledger.new_tenant("ward-2")
    lost, kept = ledger.submit("lost", tenant=gone), ledger.submit("kept")
    ledger.new_key()
    folder, keys = tmp_path / "old", tmp_path / "keys.json"
    take_backup(place, folder, keys)
    shred(ledger, gone)
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE api_keys SET revoked_at = now()"))
    take_backup(place, tmp_path / "new", keys)

    restore_backup(folder, keys, ledger.vault, target)

    assert restored.batch(kept).request_counts.queued == 1
    with pytest.raises(Gone), restored.api.transaction(gone) as session:
        open_vault(session, ledger.vault, gone)
    with psycopg.connect(restored.urls.auditor) as connection:
        query = "SELECT count(*) FROM batches WHERE id = %s"
        assert connection.execute(query, [lost]).fetchone() == (1,)
        query = "SELECT name FROM tenants WHERE shredded_at IS NOT NULL"
        assert connection.execute(query).fetchall() == [("ward-2",)]
        query = "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL"
        assert connection.execute(query).fetchone() == (0,)


def test_what_cannot_be_restored_changes_nothing(
    ledger: Ledger, place: Place, target: Target, tmp_path: Path
) -> None:
    folder, keys, old = tmp_path / "backup", tmp_path / "keys.json", tmp_path / "old.json"
    take_backup(place, tmp_path / "old", old)
    take_backup(place, folder, keys)
    with pytest.raises(Misconfigured, match="older than the backup"):
        restore_backup(folder, old, ledger.vault, target)
    with pytest.raises(Misconfigured, match="not empty"):
        restore_backup(folder, keys, ledger.vault, replace(target, admin_url=ledger.urls.admin))
    with pytest.raises(Misconfigured, match="does not open"):
        restore_backup(folder, keys, Vault(MasterKeys([os.urandom(32)])), target)
    with (folder / DATABASE).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    with pytest.raises(Misconfigured, match="damaged"):
        restore_backup(folder, keys, ledger.vault, target)
    (folder / MANIFEST).unlink()
    with pytest.raises(Misconfigured, match="no whole backup"):
        restore_backup(folder, keys, ledger.vault, target)
    with psycopg.connect(target.admin_url) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(query).fetchone() == (0,)


def test_a_role_that_does_not_see_all_takes_no_backup(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot see every row"):
        take_backup(Place(ledger.urls.auditor, None, None), tmp_path / "b", tmp_path / "k")

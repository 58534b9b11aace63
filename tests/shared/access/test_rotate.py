"""Master keys change while work goes on, and nothing becomes unreadable."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from shared.access.rotate import Rotation, rewrap_keys
from shared.access.tenants import administer, create_tenant, open_vault
from shared.errors import Misconfigured
from shared.master_keys import MasterKeys, Unreadable, Wrapped, key_id, read_keys
from shared.tables import DocumentContent
from shared.vault import Vault
from tests.fixtures.ledger import Ledger

BATCH, BATCHES = 250, 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "master.keys"
    write(path, os.urandom(32))
    return path


def write(file: Path, *keys: bytes) -> None:
    draft = file.with_suffix(".new")
    draft.write_text("\n".join(key.hex() for key in keys))
    draft.replace(file)


def process(ledger: Ledger, file: Path) -> Ledger:
    """Like another process with the same file: its own memory of keys."""
    return replace(ledger, vault=Vault(MasterKeys(read_keys(file), file)))


@pytest.fixture
def keyed(ledger: Ledger, file: Path) -> Ledger:
    """The ledger with tenants of these master keys only."""
    with ledger.owner.transaction() as session:
        session.execute(text("TRUNCATE data_keys, audit_keys"))
    return process(ledger, file)


def rotate(ledger: Ledger) -> Rotation:
    with ledger.api.transaction() as session:
        administer(session)
        return rewrap_keys(session, ledger.vault)


def texts(ledger: Ledger, tenant: UUID) -> list[str]:
    with ledger.api.transaction(tenant) as session:
        vault = open_vault(session, ledger.vault, tenant)
        rows = session.execute(select(DocumentContent.document_id, DocumentContent.text_sealed))
        return [vault.open(sealed or b"", row=row, field="text") for row, sealed in rows]


def test_ten_thousand_rows_stay_readable_under_rotation(keyed: Ledger, file: Path) -> None:
    tenants = [keyed.new_tenant(f"ward-{n}") for n in (2, 3)]
    stop = threading.Event()

    def submit(number: int) -> None:
        process(keyed, file).submit(
            *(f"note {number}" for _ in range(BATCH)), tenant=tenants[number % 2]
        )

    def read() -> int:
        mine, rounds = process(keyed, file), 0
        while not stop.is_set():
            for tenant in tenants:
                with mine.api.transaction(tenant) as session:
                    vault = open_vault(session, mine.vault, tenant)
                    sealed = session.execute(
                        select(DocumentContent.document_id, DocumentContent.text_sealed).limit(20)
                    ).all()
                assert all(vault.open(s or b"", row=r, field="text") for r, s in sealed)
            rounds += 1
        return rounds

    def keep_rotating() -> int:
        mine, rounds = process(keyed, file), 0
        while not stop.is_set():
            old = read_keys(file)
            new = os.urandom(32)
            write(file, new, *old)
            done = rotate(mine)
            assert done.keys_in_use == [done.current_key] == [key_id(new)]
            write(file, new)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(6) as pool:
        around = [pool.submit(read), pool.submit(read), pool.submit(keep_rotating)]
        written = [pool.submit(submit, number) for number in range(BATCHES)]
        try:
            for each in written:
                each.result()
        finally:
            stop.set()
        rounds = [each.result() for each in around]
    assert min(rounds) > 3
    fresh = process(keyed, file)
    assert sum(len(texts(fresh, tenant)) for tenant in tenants) == BATCH * BATCHES


def test_what_is_wrapped_already_is_left_and_two_at_once_do_it_once(
    keyed: Ledger, file: Path
) -> None:
    for number in range(2, 12):
        keyed.new_tenant(f"ward-{number}")
    write(file, os.urandom(32), *read_keys(file))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(rotate, [process(keyed, file), process(keyed, file)]))
    assert sorted(each.rewrapped for each in both) == [0, 20]
    assert rotate(keyed).rewrapped == 0


def test_a_tenant_made_meanwhile_is_waited_for(keyed: Ledger, file: Path) -> None:
    rotated = threading.Event()
    new = os.urandom(32)

    def rotation() -> Rotation:
        done = rotate(process(keyed, file))
        rotated.set()
        return done

    with ThreadPoolExecutor(1) as pool:
        with keyed.owner.transaction() as session:
            create_tenant(session, keyed.vault, "ward-2")
            write(file, new, *read_keys(file))
            running = pool.submit(rotation)
            assert not rotated.wait(0.3)
        assert running.result().keys_in_use == [key_id(new)]


def test_a_key_wrapped_anew_between_reading_and_opening_opens(keyed: Ledger, file: Path) -> None:
    tenant = keyed.new_tenant("ward-2")

    class Overtaken(MasterKeys):
        """While this process holds what it has read, the rotation and the removal pass by."""

        def unwrap(self, key: Wrapped, binding: bytes) -> bytes:
            if key.wrapped_by != new_id:
                write(file, new, *read_keys(file))
                rotate(process(keyed, file))
                write(file, new)
                self.reload()
            return super().unwrap(key, binding)

    new = os.urandom(32)
    new_id = key_id(new)
    late = replace(keyed, vault=Vault(Overtaken(read_keys(file), file)))
    assert late.opened(tenant)


def test_a_key_that_nobody_can_open_is_named_and_kept(keyed: Ledger, file: Path) -> None:
    good = keyed.new_tenant("ward-2")
    stranger = replace(keyed, vault=Vault(MasterKeys([os.urandom(32)])))
    lost = stranger.new_tenant("ward-3")
    write(file, os.urandom(32), *read_keys(file))
    done = rotate(keyed)
    assert done.unreadable == [lost]
    assert done.rewrapped == 2
    assert keyed.opened(good)
    assert stranger.opened(lost)
    with pytest.raises(Unreadable):
        keyed.opened(lost)


def test_a_key_from_before_ids_is_wrapped_anew(keyed: Ledger, file: Path) -> None:
    tenant = keyed.new_tenant("ward-2")
    with keyed.owner.transaction() as session:
        session.execute(text("UPDATE data_keys SET wrapped_by = NULL"))
    assert keyed.opened(tenant)
    assert rotate(process(keyed, file)).rewrapped == 1


def test_a_file_that_is_gone_is_a_clear_error(keyed: Ledger, file: Path) -> None:
    file.unlink()
    with pytest.raises(Misconfigured, match="cannot be read"):
        rotate(keyed)

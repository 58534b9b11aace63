import json
from pathlib import Path

import pytest

from services.local.credentials import (
    Keys,
    load_or_create,
    master_key_settings,
    role_passwords,
    save,
    with_keys,
)
from services.local.rotation import add_key
from shared.errors import Misconfigured
from shared.master_keys import read_keys


def master_keys(home: Path) -> list[bytes]:
    file = master_key_settings(home, load_or_create(home)).master_key_file
    assert file is not None
    return read_keys(file)


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    save(tmp_path, with_keys(first, "a database", Keys("key", "admin")))
    second = load_or_create(tmp_path)
    assert second.keys == {"a database": Keys("key", "admin")}
    assert role_passwords(second) == role_passwords(first)
    assert [len(key) for key in master_keys(tmp_path)] == [32]
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["master.keys", "secrets.json"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    a, b = load_or_create(tmp_path / "a"), load_or_create(tmp_path / "b")
    assert {a.role_key, a.postgres_password, a.valkey_password}.isdisjoint(
        {b.role_key, b.postgres_password, b.valkey_password}
    )
    assert master_keys(tmp_path / "a") != master_keys(tmp_path / "b")


def test_a_master_key_from_outside_is_used_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "key"
    given.write_text("ab" * 32 + "\n")
    monkeypatch.setenv("EPICRISIS_MASTER_KEY_FILE", str(given))
    assert master_keys(tmp_path) == [bytes.fromhex("ab" * 32)]
    assert "abab" not in (tmp_path / "secrets.json").read_text()
    assert not (tmp_path / "master.keys").exists()
    monkeypatch.delenv("EPICRISIS_MASTER_KEY_FILE")
    with pytest.raises(Misconfigured, match="from outside"):
        master_keys(tmp_path)


def test_a_home_of_before_keeps_its_master_key_and_moves_it_once(tmp_path: Path) -> None:
    old = {"master_key": "cd" * 32, "postgres_password": "p", "valkey_password": "v"}
    pair = {"api_key": "key", "admin_key": "admin"}
    (tmp_path / "secrets.json").write_text(json.dumps({**old, "keys": {"db": pair}}))
    first = load_or_create(tmp_path)
    assert first.keys == {"db": Keys("key", "admin")}
    assert (first.postgres_password, first.valkey_password) == ("p", "v")
    assert master_keys(tmp_path) == [bytes.fromhex("cd" * 32)]
    assert "cd" * 32 not in (tmp_path / "secrets.json").read_text()
    assert load_or_create(tmp_path) == first


def test_lost_master_keys_are_not_replaced(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / "master.keys").unlink()
    with pytest.raises(Misconfigured, match="is gone"):
        master_keys(tmp_path)


def test_lost_secrets_are_not_replaced_beside_data(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(Misconfigured, match="is gone"):
        load_or_create(tmp_path)


def test_roles_have_each_a_password_that_stays_when_master_keys_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = load_or_create(tmp_path)
    passwords = role_passwords(kept)
    assert set(passwords) == {"migrator", "api", "worker", "auditor"}
    assert len(set(passwords.values())) == 4
    add_key(tmp_path)
    assert role_passwords(load_or_create(tmp_path)) == passwords
    monkeypatch.setenv("EPICRISIS_MASTER_KEY", "01" * 32)
    shared = role_passwords(kept)
    assert set(shared.values()).isdisjoint(passwords.values())
    monkeypatch.setenv("EPICRISIS_MASTER_KEY", f"{'02' * 32},{'01' * 32}")
    assert role_passwords(kept) == shared

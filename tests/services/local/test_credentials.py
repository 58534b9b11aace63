from pathlib import Path

import pytest

from services.local.credentials import (
    Keys,
    load_or_create,
    master_key,
    role_passwords,
    save,
    with_keys,
)
from shared.errors import Misconfigured


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    save(tmp_path, with_keys(first, "a database", Keys("key", "admin")))
    second = load_or_create(tmp_path)
    assert second.keys == {"a database": Keys("key", "admin")}
    assert master_key(second) == master_key(first)
    assert len(bytes.fromhex(master_key(first))) == 32
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    a, b = load_or_create(tmp_path / "a"), load_or_create(tmp_path / "b")
    assert {a.master_key, a.postgres_password, a.valkey_password}.isdisjoint(
        {b.master_key, b.postgres_password, b.valkey_password}
    )


def test_a_master_key_from_outside_is_used_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "key"
    given.write_text("ab" * 32 + "\n")
    monkeypatch.setenv("EPICRISIS_MASTER_KEY_FILE", str(given))
    assert master_key(load_or_create(tmp_path)) == "ab" * 32
    assert "abab" not in (tmp_path / "secrets.json").read_text()
    monkeypatch.delenv("EPICRISIS_MASTER_KEY_FILE")
    with pytest.raises(Misconfigured, match="from outside"):
        master_key(load_or_create(tmp_path))


def test_lost_secrets_are_not_replaced_beside_data(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(Misconfigured, match="is gone"):
        load_or_create(tmp_path)


def test_roles_have_each_a_password_that_the_master_key_decides() -> None:
    passwords = role_passwords("01" * 32)
    assert set(passwords) == {"migrator", "api", "worker", "auditor"}
    assert len(set(passwords.values())) == 4
    assert passwords == role_passwords("01" * 32)
    assert set(passwords.values()).isdisjoint(role_passwords("02" * 32).values())

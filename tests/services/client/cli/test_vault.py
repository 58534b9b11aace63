"""`epicrisis vault|clients|keys rotate` against the API itself, for the `up` of this machine."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from sqlalchemy import text
from structlog.testing import capture_logs

from services.api.main import create_app
from services.client.cli.main import run
from services.local.credentials import load_or_create
from shared.errors import Gone
from shared.master_keys import MasterKeys, key_id, read_keys
from shared.vault import Vault
from tests.fixtures.ledger import Ledger


@dataclass
class Local:
    """A home, and the API of its `up`."""

    home: Path
    ledger: Ledger
    run: Callable[..., int]

    @property
    def master_keys(self) -> list[str]:
        return [key_id(key) for key in read_keys(self.home / "master.keys")]


@pytest.fixture
def local(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    load_or_create(tmp_path)
    file = tmp_path / "master.keys"
    with ledger.owner.transaction() as session:
        session.execute(text("TRUNCATE data_keys, audit_keys"))
    keyed = replace(ledger, vault=Vault(MasterKeys(read_keys(file), file)))
    keyed.tenant = keyed.new_tenant("ward-2")
    ready = {"api_url": "http://testserver", "admin_key": ledger.new_key()}
    (tmp_path / "ready.json").write_text(json.dumps(ready))
    monkeypatch.setenv("EPICRISIS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    # The API is in this process, and what it logs is no output of the command.
    with capture_logs(), TestClient(create_app(keyed.api, keyed.vault)) as client:
        yield Local(tmp_path, keyed, lambda *words: run(words, transport=client._transport))


def told(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(capsys.readouterr().out)


def test_rotate_makes_a_key_and_prune_removes_the_old(
    local: Local, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = local.ledger.submit("Chest pain.")
    [old] = local.master_keys
    assert local.run("vault", "rotate", "--json") == 0
    first = told(capsys)
    assert (first["rewrapped"], first["removed"]) == (2, [])
    assert local.master_keys == [first["added"], old]
    assert local.run("vault", "rotate", "--prune") == 0
    newest, *others = local.master_keys
    assert others == []
    assert f"removed: master key {old}" in capsys.readouterr().out
    assert newest != first["added"]
    assert local.ledger.batch(batch).request_counts.total == 1


def test_keys_from_outside_are_rotated_and_left_alone(
    local: Local, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = local.master_keys
    monkeypatch.setenv("EPICRISIS_MASTER_KEY", os.urandom(32).hex())
    assert local.run("vault", "rotate", "--json") == 0
    assert (told(capsys)["added"], local.master_keys) == (None, before)


def test_nothing_is_pruned_while_a_tenants_key_cannot_be_opened(
    local: Local, capsys: pytest.CaptureFixture[str]
) -> None:
    with local.ledger.owner.transaction() as session:
        session.execute(text("UPDATE data_keys SET wrapped = '\\x00'"))
    before = local.master_keys
    assert local.run("vault", "rotate", "--prune", "--json") == 1
    assert told(capsys)["unreadable"] == [f"tenant_{local.ledger.tenant.hex}"]
    assert local.master_keys[1:] == before


def test_shred_asks_for_the_name(
    local: Local, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "ward-1")
    assert local.run("vault", "shred", "ward-2") == 2
    assert local.ledger.opened()
    assert local.run("vault", "shred", "ward-2", "--yes") == 0
    assert "epicrisis vault rotate --prune" in capsys.readouterr().err
    with pytest.raises(Gone):
        local.ledger.opened()


def test_a_client_is_created_rekeyed_and_revoked(
    local: Local, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one, two = (RSAKey.generate_key(2048, {"kid": kid}).as_dict(private=False) for kid in "ab")
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [one]}))
    create = ("clients", "create", "ehr", "--jwks", str(file), "--tenant", "ward-2", "--json")
    assert local.run(*create) == 0
    made = told(capsys)
    assert (made["tenant"], made["jwks"]["keys"]) == ("ward-2", [one])
    file.write_text(json.dumps(two))
    assert local.run("clients", "keys", made["id"], "--jwks", str(file), "--json") == 0
    assert told(capsys)["jwks"]["keys"] == [two]
    assert local.run("clients", "revoke", made["id"], "--json") == 0
    assert told(capsys)["revoked_at"]
    assert local.run("clients", "list") == 0
    assert "revoked" in capsys.readouterr().out


def test_a_key_is_rotated(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    assert local.run("keys", "create", "--scope", "batches:read", "--json") == 0
    old = told(capsys)
    assert local.run("keys", "rotate", old["id"], "--overlap", "60", "--json") == 0
    new = told(capsys)
    assert new["scopes"] == ["batches:read"]
    assert new["key"] not in (None, old["key"])
    assert local.run("keys", "rotate", new["id"]) == 0
    assert capsys.readouterr().out.startswith("epk_")

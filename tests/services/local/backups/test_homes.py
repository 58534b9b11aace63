"""From a database into a home and from there into a backup again, by the commands' programs."""

import json
import os
from pathlib import Path

import psycopg
import pytest

from services.local import credentials as secrets
from services.local.backups import restore, take
from services.local.backups.place import reach
from services.local.processes import ARTIFACTS
from shared.access.keys import authenticate
from shared.access.tenants import create_tenant
from shared.database import Database, connect
from shared.errors import Misconfigured
from shared.master_keys import MasterKeys
from shared.storage import Storage
from shared.vault import Vault
from tests.fixtures.servers import DatabaseUrls


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = "DATABASE_URL", "DATABASE_DIRECT_URL", "MASTER_KEY", "MASTER_KEY_FILE", "ARTIFACTS_URL"
    for name in names:
        monkeypatch.delenv(f"EPICRISIS_{name}", raising=False)


def test_a_home_is_made_of_a_backup_and_backed_up_again(
    urls: DatabaseUrls,
    servers_home: tuple[Path, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    master, home = os.urandom(32), servers_home[0] / "restored"
    database = Database(connect(urls.migrator))
    with database.transaction() as session:
        create_tenant(session, Vault(MasterKeys([master])), "ward-1")
    database.engine.dispose()
    monkeypatch.setenv("EPICRISIS_DATABASE_URL", urls.migrator)
    first, keys, kept = tmp_path / "first", tmp_path / "keys.json", tmp_path / "master.keys"
    assert take.main([str(first), "--keys", str(keys)]) == 0
    monkeypatch.delenv("EPICRISIS_DATABASE_URL")

    into = [str(first), "--home", str(home), "--keys", str(keys)]
    assert restore.main(into) == 1
    assert "master.keys" in capsys.readouterr().err
    kept.write_text(f"{master.hex()}\n")
    assert restore.main([*into, "--master-keys", str(kept)]) == 0
    assert restore.main(into) == 1
    assert "not empty" in capsys.readouterr().err

    with reach(home) as place, psycopg.connect(place.url) as connection:
        [shown] = connection.execute("SELECT name FROM tenants").fetchall()
        assert shown == ("ward-1",)
        [local] = secrets.load_or_create(home).keys.values()
        database = Database(connect(place.url))
        with database.transaction() as session:
            assert "admin" in authenticate(session, local.admin_key).scopes
        database.engine.dispose()
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    digest = Storage(str(home / ARTIFACTS)).publish(model).digest
    capsys.readouterr()
    second = tmp_path / "second"
    assert take.main([str(second), "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["tenants"] == 1

    third = servers_home[0] / "third"
    again = [str(second), "--home", str(third), "--master-keys", str(kept)]
    assert restore.main(again) == 0
    assert (third / ARTIFACTS / "artifacts" / digest / "files" / "config.json").read_text() == "{}"


def test_where_nothing_is_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured), reach(tmp_path):
        pass

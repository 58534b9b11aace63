import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.local.credentials import load_or_create
from services.local.rotation import add_key, main, prune_keys
from shared.errors import Conflict, Misconfigured
from shared.master_keys import key_id, read_keys


@pytest.fixture
def home(tmp_path: Path) -> Path:
    load_or_create(tmp_path)
    return tmp_path


def ids(home: Path) -> list[str]:
    return [key_id(key) for key in read_keys(home / "master.keys")]


def test_a_new_key_stands_first_and_the_others_stay(home: Path) -> None:
    before = ids(home)
    assert ids(home)[0] != (added := add_key(home))
    assert ids(home) == [added, *before]
    assert (home / "master.keys").stat().st_mode & 0o777 == 0o600


def test_no_key_is_lost_when_several_are_added_at_once(home: Path) -> None:
    before = ids(home)
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: add_key(home), range(16)))
    assert sorted(ids(home)) == sorted([*added, *before])


def test_only_what_is_not_kept_goes_and_the_first_never(home: Path) -> None:
    [oldest] = ids(home)
    middle, newest = add_key(home), add_key(home)
    assert prune_keys(home, [middle]) == [oldest]
    assert ids(home) == [newest, middle]
    assert prune_keys(home, []) == [middle]
    assert ids(home) == [newest]


def test_a_key_that_was_added_meanwhile_stays(home: Path) -> None:
    """A tenant that was made since may hang on the middle one."""
    [oldest] = ids(home)
    asked = add_key(home)
    middle, newest = add_key(home), add_key(home)
    assert prune_keys(home, [asked]) == [oldest]
    assert ids(home) == [newest, middle, asked]


def test_a_file_without_a_key_in_use_is_not_touched(home: Path) -> None:
    add_key(home)
    before = ids(home)
    for stranger in ("0" * 16, "unknown"):
        with pytest.raises(Conflict):
            prune_keys(home, [stranger])
    assert ids(home) == before


def test_keys_from_outside_are_the_operators(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EPICRISIS_MASTER_KEY", "01" * 32)
    with pytest.raises(Misconfigured):
        add_key(home)
    assert main(["add", "--home", str(home)]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "master_keys_from_outside"

"""As root: each way to be somebody else runs a real Postgres, with no more power than meant."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from subprocess import SubprocessError

import pytest

from services.local.accounts import Account, Way, _ways_for_root, choose_account
from services.local.binaries import find_postgres
from services.local.children import Child, Program, spawn, stop_all
from services.local.ports import free_port
from services.local.postgres import Postgres, create_data
from tests.fixtures.processes import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
_CAP_DAC_OVERRIDE = 1 << 1


@pytest.fixture
def reachable() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="epicrisis-home-"))
    yield home
    rmtree(home)


@pytest.fixture
def unreachable(reachable: Path) -> Path:
    """A home below a folder that is closed to all but root, like /root."""
    home = reachable / "closed" / "home"
    home.mkdir(parents=True)
    for folder in (home, home.parent):
        folder.chmod(0o700)
    return home


def account(way: Way) -> Account:
    for candidate in _ways_for_root():
        if candidate.way is way:
            return candidate
    pytest.skip(f"no {way} on this machine")


def effective_capabilities(account: Account, folder: Path) -> int:
    told = folder / "capabilities"
    program = Program("grep", ("/bin/grep", "CapEff", "/proc/self/status"), {}, account)
    assert spawn(program, told).wait() == 0
    return int(told.read_text().split()[1], 16)


def user_of_a_postgres(account: Account, home: Path) -> int:
    programs, data = find_postgres(), home / "postgres"
    create_data(programs, data, account, "secret", sync=False)
    server = Postgres(programs, data, account, free_port(), "secret")
    child = Child(server.program(), home / "log")
    try:
        wait_until(server.answers)
        return Path(f"/proc/{child.pid}").stat().st_uid
    finally:
        stop_all([child], 10)


def test_a_home_within_reach_gets_an_ordinary_account(reachable: Path) -> None:
    account(Way.ACCOUNT)
    chosen = choose_account(reachable, [find_postgres().server])
    assert chosen.way is Way.ACCOUNT
    assert stat.S_IMODE(reachable.stat().st_mode) == 0o710
    assert reachable.stat().st_gid == chosen.gid
    assert user_of_a_postgres(chosen, reachable) == chosen.uid != 0
    assert effective_capabilities(chosen, reachable) == 0


def test_a_home_out_of_reach_gets_another_way_and_stays_closed(unreachable: Path) -> None:
    chosen = choose_account(unreachable, [find_postgres().server])
    assert chosen.way in {Way.NAMESPACE, Way.CAPABILITY}
    assert stat.S_IMODE(unreachable.stat().st_mode) == 0o700
    assert unreachable.stat().st_gid == 0
    assert list(unreachable.iterdir()) == []


def test_programs_out_of_reach_get_another_way(reachable: Path, unreachable: Path) -> None:
    programs = unreachable / "installed"
    programs.symlink_to(find_postgres().folder)
    chosen = choose_account(reachable, [programs / "postgres"])
    assert chosen.way in {Way.NAMESPACE, Way.CAPABILITY}


def test_a_namespace_takes_every_power_of_root(unreachable: Path) -> None:
    chosen = account(Way.NAMESPACE)
    try:
        powers = effective_capabilities(chosen, unreachable)
    except SubprocessError:
        pytest.skip("user namespaces are forbidden here")
    assert powers == 0
    assert user_of_a_postgres(chosen, unreachable) == 0


def test_one_capability_is_enough(unreachable: Path) -> None:
    chosen = account(Way.CAPABILITY)
    assert effective_capabilities(chosen, unreachable) == _CAP_DAC_OVERRIDE
    assert user_of_a_postgres(chosen, unreachable) == chosen.uid != 0


def test_data_follows_the_account_and_links_out_of_it_do_not(reachable: Path) -> None:
    data = reachable / "data"
    (data / "base").mkdir(parents=True)
    (data / "base" / "1").write_text("")
    outside = reachable / "outside"
    outside.write_text("")
    (data / "link").symlink_to(outside)
    other = account(Way.ACCOUNT)
    other.own(data)
    assert (data / "base" / "1").stat().st_uid == other.uid
    assert outside.stat().st_uid == 0

"""The whole of `epicrisis up` with real servers; the product's processes are stand-ins."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from services.local.ready import Ready, read_ready
from services.local.running import running
from services.local.watch import DoesNotStart
from tests.fixtures.processes import alive, wait_until
from tests.fixtures.servers import DatabaseUrls

STAND_INS = Path(__file__).parents[2] / "fixtures" / "stand_ins.py"
COMMAND = (sys.executable, str(STAND_INS))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "home"


@pytest.fixture(scope="module")
def ready(home: Path) -> Iterator[Ready]:
    with running(home, workers=2, supervisor=COMMAND, seconds=60) as ready:
        yield ready


def pids(ready: Ready) -> list[int]:
    found: list[int] = []
    for value in ready.pids.values():
        found += value if isinstance(value, list) else [value] if value else []
    return found


def test_the_ready_file_names_everything_and_is_private(home: Path, ready: Ready) -> None:
    assert stat.S_IMODE((home / "ready.json").stat().st_mode) == 0o600
    assert set(ready.pids) == {
        *("api", "dispatcher", "postgres", "redis"),
        *("summarization", "training", "background"),
    }
    assert len(pids(ready)) == len(set(pids(ready))) == 8
    assert all(map(alive, pids(ready)))
    with psycopg.connect(ready.database_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("epicrisis_auditor",)
    with redis.Redis.from_url(ready.redis_url) as client:
        assert client.ping()


def test_no_secret_stands_in_the_arguments_of_a_process(home: Path, ready: Ready) -> None:
    kept = (home / "secrets.json").read_text()
    words = {word for word in kept.split('"') if len(word) >= 32}
    assert len(words) == 3
    for pid in pids(ready):
        arguments = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(word in arguments for word in words)


def test_each_process_is_given_what_it_needs_and_no_more(home: Path, ready: Ready) -> None:
    assert ready.pids["api"]

    def given(name: str) -> str:
        return (home / "logs" / f"{name}.log").read_text()

    assert "EPICRISIS_REDIS_URL" not in given("api")
    assert "EPICRISIS_MASTER_KEY" in given("api")
    assert "EPICRISIS_PROMPT_MODEL" not in given("dispatcher")
    for name in ("api", "dispatcher", "background"):
        assert ("EPICRISIS_AUDIT_ANCHOR" in given(name)) == (name != "background")
    for name in ("summarization-1", "summarization-2", "training-1", "background"):
        assert {"EPICRISIS_REDIS_URL", "EPICRISIS_PROMPT_MODEL"} <= set(given(name).split("'"))


@pytest.mark.parametrize("name", ["dispatcher", "postgres", "redis"])
def test_what_is_killed_is_started_again_in_its_place(home: Path, ready: Ready, name: str) -> None:
    before = read_ready(home / "ready.json")
    killed = before.pids[name]
    assert isinstance(killed, int)
    with redis.Redis.from_url(ready.redis_url) as client:
        client.set("kept", name)
    time.sleep(1.1)  # Valkey flushes its file every second
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: read_ready(home / "ready.json").pids[name] != killed)
    after = read_ready(home / "ready.json")
    assert {**after.pids, name: None} == {**before.pids, name: None}
    wait_until(lambda: answers(after))
    with redis.Redis.from_url(ready.redis_url) as client:
        assert client.get("kept") == name.encode()


def test_a_ready_file_that_cannot_be_written_stops_nothing(home: Path, ready: Ready) -> None:
    supervisor = int((home / "lock").read_text())
    in_the_way = home / f".ready.json.{supervisor}"
    in_the_way.mkdir()
    killed = read_ready(home / "ready.json").pids["redis"]
    assert isinstance(killed, int)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not alive(killed) and answers(ready))
    assert alive(supervisor)
    in_the_way.rmdir()
    wait_until(lambda: read_ready(home / "ready.json").pids["redis"] != killed)


def answers(ready: Ready) -> bool:
    try:
        psycopg.connect(ready.database_url, connect_timeout=2).close()
        with redis.Redis.from_url(ready.redis_url) as client:
            return bool(client.ping())
    except (psycopg.OperationalError, redis.RedisError):
        return False


def test_a_home_has_one_supervisor(home: Path, ready: Ready) -> None:
    second = up(home, "--port", "0")
    assert second.returncode == 1
    assert "running on" in second.stderr
    assert all(map(alive, pids(read_ready(home / "ready.json")))), ready


def up(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_taken_port_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = up(tmp_path / "home", "--port", str(port))
    assert ended.returncode == 1
    assert f"Port {port} is taken" in ended.stderr


def test_a_bad_setting_is_an_error_with_the_end_of_the_log(tmp_path: Path) -> None:
    broken = {"EPICRISIS_MASTER_KEY": "not a key"}
    with (
        pytest.raises(DoesNotStart, match="32 bytes"),
        running(tmp_path / "home", supervisor=COMMAND, environment=broken, seconds=30),
    ):
        pass


def test_a_stop_leaves_nothing_and_a_new_start_finds_all(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home, supervisor=COMMAND, seconds=60) as first:
        pass
    assert not any(map(alive, pids(first)))
    assert not (home / "ready.json").exists()
    assert "database system is shut down" in (home / "logs" / "postgres.log").read_text()
    with running(home, supervisor=COMMAND, seconds=60) as second:
        assert (second.api_key, second.admin_key) == (first.api_key, first.admin_key)


def test_a_killed_supervisor_takes_all_with_it_and_can_start_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ready_file = home / "ready.json"
    with subprocess.Popen([*COMMAND, "--home", str(home), "--port", "0"]) as supervisor:
        wait_until(ready_file.exists, 60)
        first = read_ready(ready_file)
        supervisor.kill()
    with running(home, supervisor=COMMAND, seconds=60) as second:
        wait_until(lambda: not any(map(alive, pids(first))))
        assert second.api_key == first.api_key


def test_servers_from_outside_are_used_and_left_alone(
    tmp_path: Path, urls_elsewhere: DatabaseUrls, valkey_url: str
) -> None:
    environment = {
        "EPICRISIS_DATABASE_URL": urls_elsewhere.admin,
        "EPICRISIS_REDIS_URL": valkey_url,
    }
    with running(
        tmp_path / "home", supervisor=COMMAND, environment=environment, seconds=60
    ) as ready:
        assert ready.pids["postgres"] is ready.pids["redis"] is None
        assert ready.redis_url == valkey_url
        psycopg.connect(ready.database_url).close()
    assert not (tmp_path / "home" / "postgres").exists()
    psycopg.connect(urls_elsewhere.admin).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_needs_nothing_of_root() -> None:
    nobody = pwd.getpwnam("nobody")
    python = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    paths = [str(Path(psycopg.__file__).parents[1]), str(STAND_INS.parents[2])]
    home = Path(tempfile.mkdtemp(prefix="epicrisis-nobody-"))
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def as_nobody(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(python), *arguments],
            env={"PYTHONPATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
        )

    if python is None or as_nobody("-c", "import psycopg, services.local").wait() != 0:
        pytest.skip("no Python here that others than root reach")
    arguments = ("--home", str(home), "--port", "0", "--workers", "1")
    with as_nobody(str(STAND_INS), *arguments) as supervisor:
        wait_until((home / "ready.json").exists, 60)
        ready = read_ready(home / "ready.json")
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in pids(ready)} == {nobody.pw_uid}
        supervisor.terminate()
    assert supervisor.returncode == 0
    assert not any(map(alive, pids(ready)))
    shutil.rmtree(home)

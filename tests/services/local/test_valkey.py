import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.local.accounts import Account
from services.local.binaries import find_valkey
from services.local.children import Child, stop_all
from services.local.ports import free_port
from services.local.valkey import Valkey
from tests.fixtures.processes import wait_until


@pytest.fixture(scope="module")
def server(servers_home: tuple[Path, Account]) -> Iterator[tuple[Valkey, Child]]:
    home, account = servers_home
    data = home / 'a "strange" nämé'
    valkey = Valkey(find_valkey(), data, account, free_port(), "secret")
    child = Child(valkey.program(), home / "valkey-alone.log")
    wait_until(valkey.answers)
    yield valkey, child
    stop_all([child], 10)


def test_only_its_password_opens_it(server: tuple[Valkey, Child]) -> None:
    valkey, _ = server
    assert valkey.configuration.stat().st_mode & 0o777 == 0o600
    with (
        redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)) as anybody,
        pytest.raises(redis.AuthenticationError),
    ):
        anybody.ping()


def test_it_refuses_rather_than_forgets(server: tuple[Valkey, Child]) -> None:
    with redis.Redis.from_url(server[0].url) as client:
        told = client.config_get("maxmemory-policy", "appendonly", "bind")
    assert told == {"maxmemory-policy": "noeviction", "appendonly": "yes", "bind": "127.0.0.1"}


def test_a_kill_keeps_what_was_flushed(server: tuple[Valkey, Child]) -> None:
    valkey, child = server
    with redis.Redis.from_url(valkey.url) as client:
        client.set("key", "value")
        time.sleep(1.2)  # it flushes every second
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: child.ended() is not None)
    child.start()
    wait_until(valkey.answers)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("key") == b"value"

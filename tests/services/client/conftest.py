"""A client of an API in memory."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from services.client.http import Epicrisis
from services.client.retry import Retry
from tests.services.client.fake_api import FakeApi


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("EPICRISIS_API_URL", "EPICRISIS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EPICRISIS_HOME", str(tmp_path / "home"))


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def pauses() -> list[float]:
    """How long the client slept."""
    return []


@pytest.fixture
def client(api: FakeApi, pauses: list[float]) -> Iterator[Epicrisis]:
    transport = httpx2.MockTransport(api)
    with Epicrisis(
        "http://api", "epk_a_b", transport=transport, retry=Retry(sleep=pauses.append)
    ) as made:
        yield made

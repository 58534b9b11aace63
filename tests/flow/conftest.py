"""Real processes of `epicrisis up`, in a home of the module's own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.client.http import Epicrisis
from services.local.home import READY_FILE
from services.local.ready import Ready, read_ready
from services.local.running import running
from shared.schemas.batches import BatchParameters
from shared.schemas.retention import TenantSettings
from tests.fixtures.openai_server import OpenAIServer, serve

PACE = {
    "EPICRISIS_LEASE_SECONDS": "3",
    "EPICRISIS_SCAN_SECONDS": "1",
    "EPICRISIS_DEADLINE_SECONDS": "3",
}
"""So that a dead or hanging worker is noticed within seconds."""


@dataclass
class Flow:
    """What runs, and a client of it."""

    home: Path
    started: Ready
    client: Epicrisis

    @property
    def ready(self) -> Ready:
        """The ready file as it is now: pids follow restarts."""
        return read_ready(self.home / READY_FILE)

    def submit(self, *texts: str, client: Epicrisis | None = None, **query: str) -> str:
        """The batch's id; custom ids are n-0, n-1, …"""
        body = b"".join(
            json.dumps({"custom_id": f"n-{n}", "text": text}).encode() + b"\n"
            for n, text in enumerate(texts)
        )
        parameters = BatchParameters.model_validate(query)
        client = client or self.client
        return client.submit(body, "application/x-ndjson", parameters=parameters).id


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    """Everything, with the packaged SmolLM2 as the prompt model."""
    yield from _flow(tmp_path_factory.mktemp("real"), {})


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    """A model that answers at once and says what it was asked."""
    with serve() as server:
        yield server


@pytest.fixture(scope="module")
def faked(tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer) -> Iterator[Flow]:
    """Everything, with a tiny model server, so that the tests hit our work and not a model's."""
    given = {**PACE, "EPICRISIS_PROMPT_MODEL": model.setting}
    for flow in _flow(tmp_path_factory.mktemp("faked"), given):
        with Epicrisis(flow.started.api_url, flow.started.admin_key) as admin:
            admin.configure_tenant("default", TenantSettings(remote_prompts=True))
        yield flow


def _flow(home: Path, environment: dict[str, str]) -> Iterator[Flow]:
    with (
        running(home, workers=2, environment=environment) as ready,
        Epicrisis(ready.api_url, ready.api_key) as client,
    ):
        yield Flow(home, ready, client)

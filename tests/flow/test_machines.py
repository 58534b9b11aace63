"""Two machines, one ledger: central servers behind a transaction pooler, workers on both."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from services.client.http import Epicrisis
from services.client.wait import wait_until_done
from services.local import credentials
from services.local.children import Child, Program, stop_all
from services.local.running import running
from tests.fixtures.openai_server import OpenAIServer, serve
from tests.fixtures.pooler import Pooler, pooling
from tests.fixtures.processes import wait_until
from tests.fixtures.servers import DatabaseUrls
from tests.flow.conftest import PACE, Flow

pytestmark = pytest.mark.flow
COUNT = 120
FILLER = "The lungs are clear and the abdomen is soft. " * 30
OTHER_NAME = ("unshare", "--user", "--map-root-user", "--uts", "sh", "-c")


@dataclass
class Machines:
    """Machine 1 is `epicrisis up`; machine 2 is a summarization worker, started on demand."""

    first: Flow
    pooler: Pooler
    model: OpenAIServer
    second: Program
    home: Path
    has_own_name: bool

    def start_second(self) -> Child:
        return Child(self.second, self.home / "second.log")

    def workers(self) -> dict[str, str]:
        """Id → host of the summarization workers that have lately been seen."""
        return dict(
            self.ask(
                "SELECT id::text, host FROM workers WHERE queue = 'summarization' "
                "AND seen_at > now() - interval '3 s'"
            )
        )

    def at_work(self) -> set[str]:
        """Ids of the workers that hold documents now."""
        held = self.ask(
            "SELECT DISTINCT worker_id::text, '' FROM documents WHERE status = 'running'"
        )
        return set(dict(held))

    def ask(self, query: str) -> list[tuple[str, str]]:
        with psycopg.connect(self.first.started.database_url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def machines(urls_elsewhere: DatabaseUrls, valkey_url: str, tmp_path: Path) -> Iterator[Machines]:
    given = {
        **PACE,
        "EPICRISIS_REDIS_URL": valkey_url,
        "EPICRISIS_MASTER_KEY": secrets.token_hex(32),
        "EPICRISIS_DATABASE_DIRECT_URL": urls_elsewhere.admin,
    }
    with pooling(urls_elsewhere.admin, backends=4) as pooler, serve() as model:
        given["EPICRISIS_PROMPT_MODEL"] = model.setting
        given["EPICRISIS_DATABASE_URL"] = pooler.url(urls_elsewhere.admin)
        with (
            running(tmp_path / "one", workers=1, environment=given) as ready,
            Epicrisis(ready.api_url, ready.api_key) as client,
        ):
            flow = Flow(tmp_path / "one", ready, client)
            second, named = _second(flow, given, tmp_path / "two")
            yield Machines(flow, pooler, model, second, tmp_path, named)


def _second(flow: Flow, given: dict[str, str], home: Path) -> tuple[Program, bool]:
    """A worker as another machine runs it: its own home, cache and, where allowed, name."""
    kept = credentials.load_or_create(flow.home)
    auditor = make_url(flow.started.database_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EPICRISIS_MASTER_KEY", given["EPICRISIS_MASTER_KEY"])
        password = credentials.role_passwords(kept)["worker"]

    def url(of: str) -> str:
        worker = make_url(of).set(username="epicrisis_worker", password=password)
        return worker.set(database=auditor.database).render_as_string(hide_password=False)

    environment = {
        **os.environ,
        **given,
        "EPICRISIS_DATABASE_URL": url(given["EPICRISIS_DATABASE_URL"]),
        "EPICRISIS_DATABASE_DIRECT_URL": url(given["EPICRISIS_DATABASE_DIRECT_URL"]),
        "EPICRISIS_HOME": str(home),
        "EPICRISIS_ENGINES": str(home / "engines"),
    }
    argv: tuple[str, ...] = (sys.executable, "-m", "workers.summarization.app")
    named = shutil.which("unshare") is not None and not subprocess.call(
        [*OTHER_NAME, "hostname machine-2"], stderr=subprocess.DEVNULL
    )
    if named:
        argv = (*OTHER_NAME, f"hostname machine-2 && exec {' '.join(argv)}")
    return Program("second", argv, environment), named


def notes(count: int) -> list[str]:
    return [f"Patient {n} has had a cough for {n} days. {FILLER}" for n in range(count)]


def test_two_machines_share_a_batch_and_the_death_of_one_costs_nothing(machines: Machines) -> None:
    flow, model = machines.first, machines.model
    (first,) = machines.workers()
    child = machines.start_second()
    try:
        wait_until(lambda: len(machines.workers()) == 2, seconds=30)
        (second,) = machines.workers().keys() - {first}
        assert machines.workers()[second] == "machine-2" or not machines.has_own_name

        model.delay_seconds = 0.5
        batch = flow.submit(*notes(COUNT))
        wait_until(lambda: machines.at_work() == {first, second}, seconds=30)
        wait_until(lambda: '"recorded"' in child.log.read_text(), seconds=30)
        wait_until(lambda: second in machines.at_work(), seconds=30)
        os.killpg(child.pid, signal.SIGKILL)
        assert flow.client.batch(batch).status == "in_progress"
        model.delay_seconds = 0.0
        (done,) = wait_until_done(flow.client, [batch])
        assert (done.status, done.request_counts.completed) == ("completed", COUNT)
        lines = list(flow.client.results(batch))
        assert Counter(line.custom_id for line in lines) == {f"n-{n}": 1 for n in range(COUNT)}
        wait_until(lambda: machines.workers().keys() == {first}, seconds=10)
        assert machines.pooler.changes > 0
    finally:
        stop_all([child], patience=5)

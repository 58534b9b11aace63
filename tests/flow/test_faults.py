"""What dies, is cancelled or forgotten, with real processes and a tiny model."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
import redis

from services.client.errors import Conflict
from services.client.http import Epicrisis
from services.client.wait import wait_until_done
from shared.schemas.access import KeyRequest
from shared.schemas.batches import BatchAnswer, ResultLine
from tests.fakes import FAKE_EMPTY, FAKE_HANG
from tests.fixtures.openai_server import OpenAIServer
from tests.fixtures.processes import wait_until
from tests.flow.conftest import Flow

pytestmark = pytest.mark.flow
FILLER = "The lungs are clear and the abdomen is soft. " * 30
"""A micro-batch is bounded by characters: with these one holds a few notes."""


@pytest.fixture
def slow(model: OpenAIServer) -> Callable[[float], None]:
    """Let each document take so many seconds, until the end of the test."""

    def set_delay(seconds: float) -> None:
        model.delay_seconds = seconds

    yield set_delay
    model.delay_seconds = 0.0


def notes(count: int, word: str = "cough") -> list[str]:
    return [f"Patient {n} has had a {word} for {n} days. No fever. {FILLER}" for n in range(count)]


def finished(flow: Flow, batch: str) -> BatchAnswer:
    (done,) = wait_until_done(flow.client, [batch])
    return done


def assert_each_once(lines: list[ResultLine], texts: list[str]) -> None:
    """Every document has exactly one summary, made of its own text."""
    assert Counter(line.custom_id for line in lines) == {f"n-{n}": 1 for n in range(len(texts))}
    for line in lines:
        assert line.summary is not None
        own = texts[int(line.custom_id.removeprefix("n-"))]
        assert line.summary.text.split(".")[0] in own


def test_results_can_be_read_and_resumed_while_it_runs(
    faked: Flow, slow: Callable[[float], None]
) -> None:
    slow(0.2)
    texts = notes(40)
    batch = faked.submit(*texts)
    wait_until(lambda: len(list(faked.client.results(batch))) >= 4)
    early = list(faked.client.results(batch))
    assert faked.client.batch(batch).status == "in_progress"
    slow(0.0)
    finished(faked, batch)
    late = list(faked.client.results(batch, after=early[-1].seq))
    assert late
    assert_each_once([*early, *late], texts)


def test_a_killed_worker_costs_nothing(faked: Flow, slow: Callable[[float], None]) -> None:
    slow(0.3)
    texts = notes(60)
    batch = faked.submit(*texts)
    for _ in range(3):
        wait_until(lambda: faked.client.batch(batch).request_counts.running > 0)
        victim = faked.ready.pids["summarization"][0]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda gone=victim: gone not in faked.ready.pids["summarization"])
    slow(0.0)
    done = finished(faked, batch)
    assert (done.status, done.request_counts.completed) == ("completed", 60)
    assert_each_once(list(faked.client.results(batch)), texts)


def test_an_emptied_redis_costs_nothing(faked: Flow, slow: Callable[[float], None]) -> None:
    slow(0.1)
    texts = notes(40, "rash")
    with redis.Redis.from_url(faked.ready.redis_url) as broker:
        batch = faked.submit(*texts)
        for _ in range(10):
            broker.flushall()
            time.sleep(0.1)
        os.kill(faked.ready.pids["redis"], signal.SIGKILL)
    more = faked.submit(*texts)
    for each in (batch, more):
        assert finished(faked, each).request_counts.completed == 40
        assert_each_once(list(faked.client.results(each)), texts)


def test_a_killed_database_costs_nothing(faked: Flow, slow: Callable[[float], None]) -> None:
    slow(0.1)
    texts = notes(40, "pain")
    batch = faked.submit(*texts)
    os.kill(faked.ready.pids["postgres"], signal.SIGKILL)
    done = finished(faked, batch)
    assert done.request_counts.completed == 40
    assert_each_once(list(faked.client.results(batch)), texts)


def test_cancel_stops_what_waits_and_discards_what_runs(
    faked: Flow, slow: Callable[[float], None]
) -> None:
    slow(0.5)
    batch = faked.submit(*notes(200))
    wait_until(lambda: faked.client.batch(batch).request_counts.running > 0)
    faked.client.cancel(batch)
    wait_until(lambda: faked.client.batch(batch).status == "cancelled")
    counts = faked.client.batch(batch).request_counts
    assert (counts.queued, counts.running) == (0, 0)
    assert counts.cancelled + counts.completed == 200
    assert counts.cancelled > 100
    lines = list(faked.client.results(batch))
    assert Counter(line.status for line in lines)["cancelled"] == counts.cancelled


def test_what_failed_can_be_tried_again(faked: Flow) -> None:
    batch = faked.submit("Knee pain.", f"A note. {FAKE_EMPTY}", fallback="prompt")
    done = finished(faked, batch)
    assert (done.request_counts.completed, done.request_counts.failed) == (1, 1)
    assert faked.client.retry(batch).status == "in_progress"
    assert finished(faked, batch).request_counts.failed == 1
    failed = [line for line in faked.client.results(batch) if line.error]
    assert [(line.error.code, line.seq) for line in failed if line.error] == [("empty_output", 3)]


def test_a_second_tenant_does_not_wait_for_the_firsts_backlog(
    faked: Flow, slow: Callable[[float], None]
) -> None:
    slow(0.3)
    backlog = faked.submit(*notes(400))
    with Epicrisis(faked.started.api_url, faked.started.admin_key) as admin:
        admin.create_tenant("second")
        key = admin.create_key(KeyRequest(tenant="second")).key
    with Epicrisis(faked.started.api_url, key) as second:
        one = faked.submit("One note of another hospital.", client=second)
        (done,) = wait_until_done(second, [one])
        assert done.request_counts.completed == 1
        assert faked.client.batch(backlog).request_counts.queued > 0
    faked.client.cancel(backlog)
    wait_until(lambda: faked.client.batch(backlog).status == "cancelled")


def test_a_document_that_hangs_its_worker_is_quarantined_alone(faked: Flow) -> None:
    texts = notes(6)
    batch = faked.submit(*texts[:3], f"A note. {FAKE_HANG}", *texts[3:])
    done = finished(faked, batch)
    assert (done.request_counts.completed, done.request_counts.failed) == (6, 1)
    (bad,) = faked.client.results(batch, status="failed")
    assert bad.error is not None
    assert (bad.custom_id, bad.error.code) == ("n-3", "quarantined")
    with pytest.raises(Conflict):
        faked.client.retry(batch)
    assert faked.client.retry(batch, include_quarantined=True).status == "in_progress"
    faked.client.cancel(batch)

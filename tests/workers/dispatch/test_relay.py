"""Outbox to broker: nothing lost when the broker is away, and no flood of wake-ups."""

from collections.abc import Iterator

import pytest
import redis
from celery import Celery
from sqlalchemy import func, select, text

from shared.broker import make_app
from shared.intake.records import Attachment, Record
from shared.tables import OutboxRow
from tests.fixtures.ledger import Ledger
from workers.dispatch.relay import relay, ring_for_unclaimed

QUEUE = "summarization"


@pytest.fixture
def broker(valkey_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_url) as client:
        yield client


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, valkey_url: str) -> Celery:
    monkeypatch.setenv("EPICRISIS_REDIS_URL", valkey_url)
    return make_app("test")


def pending(ledger: Ledger) -> int | None:
    with ledger.owner.transaction() as session:
        return session.scalar(select(func.count()).select_from(OutboxRow))


def idle_workers(ledger: Ledger, count: int) -> None:
    with ledger.worker.transaction() as session:
        for _ in range(count):
            session.execute(
                text(
                    "INSERT INTO workers (id, queue, host, pid, state) "
                    "VALUES (gen_random_uuid(), 'summarization', 'h', 1, 'idle')"
                )
            )


def test_many_submissions_ring_once_an_idle_worker(
    ledger: Ledger, app: Celery, broker: redis.Redis
) -> None:
    idle_workers(ledger, 3)
    for _ in range(10):
        ledger.submit("note")
    assert relay(ledger.worker, app)
    assert (pending(ledger), broker.llen(QUEUE)) == (0, 3)
    ledger.submit("note")
    relay(ledger.worker, app)
    assert broker.llen(QUEUE) == 3


def test_a_lost_wake_up_is_rung_again(ledger: Ledger, app: Celery, broker: redis.Redis) -> None:
    ledger.submit("note")
    relay(ledger.worker, app)
    broker.flushall()
    assert ring_for_unclaimed(ledger.worker, app)
    assert broker.llen(QUEUE) == 1
    broker.flushall()
    ledger.claim()
    ring_for_unclaimed(ledger.worker, app)
    assert broker.llen(QUEUE) == 0


def test_a_waiting_attachment_wakes_the_background_worker_alone(
    ledger: Ledger, app: Celery, broker: redis.Redis
) -> None:
    ledger.submit_records(Record(1, attachment=Attachment("application/pdf", b"%PDF")))
    assert ring_for_unclaimed(ledger.worker, app)
    assert (broker.llen("background"), broker.llen(QUEUE)) == (1, 0)


def test_while_the_broker_is_away_the_outbox_keeps_all(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPICRISIS_REDIS_URL", "redis://127.0.0.1:1/0")
    ledger.submit("note")
    assert not relay(ledger.worker, make_app("test"))
    assert pending(ledger) == 1


def test_a_message_holds_no_text(ledger: Ledger, app: Celery, broker: redis.Redis) -> None:
    ledger.submit("Mr. Quillfeather has gout.")
    relay(ledger.worker, app)
    (message,) = broker.lrange(QUEUE, 0, -1)
    assert b"summarization.drain" in message
    assert b"Quillfeather" not in message

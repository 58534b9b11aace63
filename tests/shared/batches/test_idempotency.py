"""One key, one batch."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from shared.batches.idempotency import HeldKey, give_up, reserve
from shared.batches.spool import Spool
from shared.batches.submit import submit_batch
from shared.errors import IdempotencyMismatch, RequestInFlight
from shared.ids import new_id
from shared.intake.records import Record
from shared.schemas.batches import BatchParameters
from shared.tables import Batch
from tests.fixtures.ledger import Ledger


def held(ledger: Ledger, key: str = "monday") -> HeldKey:
    return HeldKey(ledger.opened().mac(key, purpose="idempotency"), new_id())


def take(ledger: Ledger, key: HeldKey) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        reserve(session, ledger.tenant, key)


def submit(ledger: Ledger, key: HeldKey, words: str = "note") -> UUID:
    vault, parameters = ledger.opened(), BatchParameters()
    with Spool(vault, parameters, memory_bytes=1_000) as spool:
        spool.add(Record(line=1, text=words))
        with ledger.api.transaction(ledger.tenant) as session:
            return submit_batch(session, vault, spool, parameters, key)


def count(ledger: Ledger) -> int | None:
    with ledger.owner.transaction() as session:
        return session.scalar(select(func.count()).select_from(Batch))


def test_a_repeated_submission_gets_the_batch_that_is_there(ledger: Ledger) -> None:
    first, again = held(ledger), held(ledger)
    take(ledger, first)
    batch = submit(ledger, first)
    take(ledger, again)
    assert submit(ledger, again) == batch
    assert count(ledger) == 1


def test_other_records_under_the_same_key_are_refused(ledger: Ledger) -> None:
    first, again = held(ledger), held(ledger)
    take(ledger, first)
    submit(ledger, first)
    take(ledger, again)
    with pytest.raises(IdempotencyMismatch):
        submit(ledger, again, "another note")


def test_while_the_first_is_read_the_second_is_told_to_wait(ledger: Ledger) -> None:
    take(ledger, held(ledger))
    with pytest.raises(RequestInFlight):
        take(ledger, held(ledger))


def test_a_request_that_came_to_nothing_frees_its_key(ledger: Ledger) -> None:
    first = held(ledger)
    take(ledger, first)
    with ledger.api.transaction(ledger.tenant) as session:
        give_up(session, ledger.tenant, first)
    take(ledger, held(ledger))


def test_a_reservation_of_a_dead_request_runs_out(ledger: Ledger) -> None:
    dead, living = held(ledger), held(ledger)
    take(ledger, dead)
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE idempotency_keys SET reserved_until = now() - interval '1 s'"))
    take(ledger, living)
    submit(ledger, living)
    with pytest.raises(IdempotencyMismatch):
        submit(ledger, dead, "what the dead request had read")


def test_of_many_at_once_one_makes_the_batch(ledger: Ledger) -> None:
    def attempt(_: int) -> UUID | None:
        key = held(ledger)
        try:
            take(ledger, key)
            return submit(ledger, key)
        except RequestInFlight:
            return None

    with ThreadPoolExecutor(8) as pool:
        batches = set(pool.map(attempt, range(24))) - {None}
    assert len(batches) == 1
    assert count(ledger) == 1

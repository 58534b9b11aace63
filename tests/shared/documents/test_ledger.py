"""Claims, fences, deaths: what the ledger promises whoever dies."""

from uuid import uuid4

from sqlalchemy import text

from shared.batches.cancel import cancel_batch
from shared.batches.sweep import sweep_ended
from shared.documents.ledger import heartbeat, release, retry_later
from shared.documents.lost import quarantine, requeue_lost
from tests.fixtures.ledger import LEASE, Ledger

GRACE = 0.0
"""As if the database had been up for longer than a lease."""


def requeue(ledger: Ledger) -> int:
    ledger.lose_leases()
    with ledger.worker.transaction() as session:
        return requeue_lost(session, lease_seconds=GRACE, max_deaths=3, limit=100)


def reconcile(ledger: Ledger) -> int:
    """How many documents were quarantined once every lease had run out."""
    requeue(ledger)
    with ledger.worker.transaction() as session:
        return quarantine(session, lease_seconds=GRACE, max_deaths=3, limit=100)


def test_a_document_is_claimed_once(ledger: Ledger) -> None:
    ledger.submit("one", "two", "three")
    first, second = ledger.claim(), ledger.claim(worker=uuid4())
    assert len(first) == 3
    assert second == []


def test_a_claim_takes_near_lengths_up_to_its_budget(ledger: Ledger) -> None:
    ledger.submit("a" * 100, "b" * 110, "c" * 1_000, "d" * 90, "e" * 95)
    assert sorted(held.size for held in ledger.claim(budget=300)) == [90, 100, 110]
    assert sorted(held.size for held in ledger.claim(budget=300)) == [1_000]
    assert sorted(held.size for held in ledger.claim(budget=300)) == [95]


def test_a_document_larger_than_the_budget_is_claimed_alone(ledger: Ledger) -> None:
    ledger.submit("long " * 500, "long " * 500)
    assert len(ledger.claim(budget=10)) == 1


def test_a_woken_zombie_leaves_nothing_behind(ledger: Ledger) -> None:
    batch = ledger.submit("note")
    zombie = ledger.claim()
    assert requeue(ledger) == 1
    living = ledger.claim(worker=uuid4())
    assert ledger.complete(*zombie, words="From the grave.") == 0
    assert ledger.complete(*living, words="From the living.") == 1
    assert ledger.complete(*zombie, words="From the grave.") == 0
    (result,) = ledger.results(batch)
    assert result.summary is not None
    assert result.summary.text == "From the living."


def test_a_zombie_cannot_renew_what_another_holds(ledger: Ledger) -> None:
    ledger.submit("note")
    zombie = ledger.claim()
    requeue(ledger)
    ledger.claim(worker=uuid4())
    with ledger.worker.transaction() as session:
        assert heartbeat(session, zombie, LEASE) == 0


def test_a_renewed_lease_is_not_lost(ledger: Ledger) -> None:
    ledger.submit("note")
    held = ledger.claim()
    with ledger.worker.transaction() as session:
        assert heartbeat(session, held, LEASE) == 1
        assert requeue_lost(session, lease_seconds=GRACE, max_deaths=3, limit=100) == 0


def test_a_heartbeat_waits_for_nothing_that_is_being_recorded(ledger: Ledger) -> None:
    ledger.submit("one", "two")
    held = ledger.claim()
    with ledger.worker.transaction() as recording:
        recording.execute(
            text("UPDATE documents SET attempts = 0 WHERE id = :id"), {"id": held[0].document}
        )
        with ledger.worker.transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            assert heartbeat(session, held, LEASE) == 1


def test_after_a_restart_of_the_database_workers_get_a_lease_of_grace(ledger: Ledger) -> None:
    ledger.submit("note")
    ledger.claim()
    ledger.lose_leases()
    with ledger.worker.transaction() as session:
        a_day = 86_400.0
        assert requeue_lost(session, lease_seconds=a_day, max_deaths=3, limit=100) == 0


def test_a_document_with_a_death_is_claimed_alone(ledger: Ledger) -> None:
    ledger.submit("one", "two", "three")
    assert len(ledger.claim()) == 3
    assert requeue(ledger) == 3
    assert [len(ledger.claim()) for _ in range(3)] == [1, 1, 1]


def test_only_deaths_alone_quarantine_and_no_neighbour_with_them(ledger: Ledger) -> None:
    batch = ledger.submit("killer", "neighbour")
    assert len(ledger.claim()) == 2
    assert reconcile(ledger) == 0
    killer, neighbour = ledger.claim(), ledger.claim()
    ledger.complete(*neighbour)
    assert reconcile(ledger) == 0
    assert ledger.claim()[0].document == killer[0].document
    assert reconcile(ledger) == 0
    ledger.claim()
    assert reconcile(ledger) == 1
    counts = ledger.batch(batch).request_counts
    assert (counts.completed, counts.failed) == (1, 1)
    assert [r.error.code for r in ledger.results(batch) if r.error] == ["quarantined"]


def test_company_of_another_lane_is_company(ledger: Ledger) -> None:
    killed = ledger.submit("killer")
    spared = ledger.submit("neighbour", note_type="visit")
    assert len(ledger.claim()) == 2
    for _ in range(3):
        assert reconcile(ledger) == 0
        claims = [ledger.claim(), ledger.claim()]
        assert [len(held) for held in claims] == [1, 1]
        for (held,) in claims:
            if held.batch == spared:
                ledger.complete(held)
                ledger.submit("next neighbour", note_type="visit")
    assert reconcile(ledger) == 1
    assert ledger.batch(killed).request_counts.failed == 1
    assert ledger.batch(spared).request_counts.completed == 1


def test_release_costs_no_attempt_and_a_retry_does(ledger: Ledger) -> None:
    ledger.submit("note")
    held = ledger.claim()
    with ledger.worker.transaction() as session:
        release(session, held)
    held = ledger.claim()
    assert held[0].attempts == 0
    with ledger.worker.transaction() as session:
        retry_later(session, held, pause_seconds=0)
    assert ledger.claim()[0].attempts == 1


def test_a_paused_document_waits(ledger: Ledger) -> None:
    ledger.submit("note")
    with ledger.worker.transaction() as session:
        release(session, ledger.claim(), pause_seconds=60)
    assert ledger.claim() == []


def test_a_claim_parks_what_was_cancelled(ledger: Ledger) -> None:
    batch = ledger.submit("one", "two")
    with ledger.api.transaction(ledger.tenant) as session:
        cancel_batch(session, batch)
    assert ledger.claim() == []
    with ledger.worker.transaction() as session:
        assert sweep_ended(session, limit=100) == 2
    assert ledger.batch(batch).status == "cancelled"


def test_a_quiet_tenant_does_not_wait_for_anothers_backlog(ledger: Ledger) -> None:
    quiet = ledger.new_tenant("ward-2")
    ledger.submit(*(f"note {n}" for n in range(50)))
    ledger.claim(budget=60)
    ledger.submit("one note", tenant=quiet)
    assert ledger.claim(budget=1)[0].tenant == quiet


def test_interactive_goes_before_bulk_and_bulk_is_not_starved(ledger: Ledger) -> None:
    ledger.submit(*(f"bulk {n}" for n in range(40)), priority="bulk")
    ledger.submit(*(f"now {n}" for n in range(40)), priority="interactive", note_type="visit")
    order = [ledger.claim(budget=1)[0].note_type for _ in range(20)]
    assert order[0] == "visit"
    assert order.count("general") >= 4
    assert order.count("visit") > order.count("general")

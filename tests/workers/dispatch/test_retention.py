from sqlalchemy import text

from tests.fixtures.ledger import Ledger
from workers.dispatch.retention import purge


def test_the_dispatcher_purges_until_nothing_is_due(ledger: Ledger) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE tenants SET results_days = 0"))
    for _ in range(2):
        ledger.submit("note")
    kept = ledger.claim()
    ledger.complete(*kept)
    ledger.submit("note that still waits")
    assert [purge(ledger.worker, ledger.vault) for _ in range(3)] == [True, True, False]
    with ledger.owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM documents")) == 1

from sqlalchemy import text

from shared.datasets.add import Provenance, add_rows, begin_version, store_examples
from shared.datasets.records import Row
from shared.schemas.datasets import Recipe
from tests.fixtures.ledger import Ledger
from workers.dispatch.retention import Orphans, purge


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


def test_examples_that_nobody_holds_go_after_a_day(ledger: Ledger) -> None:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        about = Provenance("visit", "a test", None, "training", holds_patient_data=False)
        version = begin_version(session, ledger.tenant, "visits", about, Recipe())
        add_rows(session, vault, version, about, [Row(1, "A cough."), Row(2, "A fall.")])
        store_examples(session, vault, [("A cough.", None), ("A rash.", None), ("A burn.", None)])
    with ledger.owner.transaction() as session:
        old = "UPDATE examples SET seen_at = now() - interval '25 hours' WHERE id = ANY(:ids)"
        aged = session.scalars(text("SELECT id FROM examples ORDER BY id")).all()
        held = session.scalars(text("SELECT example_id FROM dataset_members")).all()
        loose = [one for one in aged if one not in held]
        session.execute(text(old), {"ids": [*held, loose[0]]})
    orphans = Orphans(ledger.worker)
    while orphans.step():
        pass
    with ledger.owner.transaction() as session:
        left = set(session.scalars(text("SELECT id FROM examples")).all())
    assert left == {*held, loose[1]}

"""Reviewers at the same time."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, text, update

from shared.reviews.next import offer_next
from shared.schemas.reviews import Selection
from shared.tables import ModelVersion
from tests.factories.registry import add_dataset_version, add_model_version
from tests.fixtures.ledger import Ledger


def offer(ledger: Ledger, select_by: Selection = "random") -> str | None:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        task = offer_next(session, vault, select_by)
        return None if task is None else task.text


def test_reviewers_at_the_same_time_get_different_ones(ledger: Ledger) -> None:
    ledger.submit(*(f"note {number}" for number in range(24)))
    ledger.complete(*ledger.claim())
    with ThreadPoolExecutor(8) as reviewers:
        offered = list(reviewers.map(lambda _: offer(ledger), range(24)))
    assert len(set(offered)) == 24
    assert offer(ledger) is None


def test_one_that_is_being_offered_is_passed_over(ledger: Ledger) -> None:
    ledger.submit("one", "two")
    ledger.complete(*ledger.claim())
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        held = offer_next(session, vault, "random")
        assert held is not None
        # Not committed, so only the row's lock says so.
        assert {held.text, offer(ledger)} == {"one", "two"}
        assert offer(ledger) is None


@pytest.mark.parametrize("select_by", ["random", "flagged"])
def test_what_a_withdrawn_model_wrote_is_not_offered(ledger: Ledger, select_by: Selection) -> None:
    version = add_model_version(ledger, 1, add_dataset_version(ledger))
    ledger.submit("one")
    ledger.complete(*ledger.claim())
    ledger.submit("two")
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE summaries SET model_version = 'models:/visit/1'"))
    ledger.complete(*ledger.claim())
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE summaries SET findings = 1"))
        withdrawn = {"status": "withdrawn", "withdrawn_at": func.now()}
        session.execute(update(ModelVersion).where(ModelVersion.id == version).values(withdrawn))
    assert [offer(ledger, select_by) for _ in range(2)] == ["two", None]
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE model_versions SET status = 'ready'"))
    assert offer(ledger, select_by) == "one"


def test_the_draw_is_even_whatever_came_in_together(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.reviews.next._NEAR", 1)
    ledger.submit(*(f"note {number}" for number in range(2)))
    ledger.complete(*ledger.claim())
    time.sleep(0.3)
    ledger.submit("alone")
    ledger.complete(*ledger.claim())
    vault, drawn = ledger.opened(), Counter[str]()
    with ledger.owner.transaction() as session:
        for _ in range(90):
            session.execute(text("UPDATE summaries SET offered_until = NULL, lot = random()"))
            task = offer_next(session, vault, "random")
            assert task is not None
            drawn[task.text] += 1
    # 30 each are expected; five standard deviations from it is no chance.
    assert len(drawn) == 3
    assert all(8 <= times <= 52 for times in drawn.values()), drawn

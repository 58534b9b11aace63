"""The way back: rollback, demotion, and what is passed over."""

from uuid import UUID

import pytest
from sqlalchemy import select

from shared.errors import Conflict
from shared.registry.demote import demote
from shared.registry.history import read_history
from shared.registry.kinds import MODELS
from shared.registry.mark_unusable import mark_unusable
from shared.registry.promote import promote
from shared.registry.queries import find_version, in_production
from shared.registry.rollback import roll_back
from shared.registry.withdraw import withdraw
from shared.schemas.registry import ProductionAnswer
from shared.tables import Promotion
from tests.factories.registry import add_dataset_version, add_model_version
from tests.fixtures.ledger import Ledger

OPERATIONS = {"rollback": roll_back, "demote": demote, "promote": promote, "withdraw": withdraw}


@pytest.fixture
def versions(ledger: Ledger) -> list[UUID]:
    dataset = add_dataset_version(ledger)
    return [add_model_version(ledger, number, dataset) for number in (1, 2, 3)]


def do(ledger: Ledger, *steps: str) -> list[int]:
    """What serves after each of `promote 1`, `rollback`, …; 0: the prompt."""
    return [_number(_do(ledger, *step.split())) for step in steps]


def _do(ledger: Ledger, action: str, version: str = "") -> ProductionAnswer:
    more: dict[str, object] = {"version": int(version)} if version else {}
    if action == "promote":
        more["override"] = True
    with ledger.api.transaction(ledger.tenant) as session:
        answer = OPERATIONS[action](  # type: ignore[operator]
            session,
            MODELS,
            tenant=ledger.tenant,
            note_type="visit",
            reason="said",
            actor="key_1",
            **more,
        )
        serves = in_production(session, MODELS, "visit")
        assert (None if serves is None else serves.number) == (_number(answer) or None)
        return answer  # type: ignore[no-any-return]


def _number(answer: ProductionAnswer) -> int:
    return int(answer.version.rpartition("/")[2]) if answer.version else 0


@pytest.mark.usefixtures("versions")
@pytest.mark.parametrize(
    ("steps", "served"),
    [
        (("promote 1", "rollback"), [1, 0]),
        (("promote 1", "promote 2", "promote 3", "rollback", "rollback"), [1, 2, 3, 2, 1]),
        (("promote 1", "promote 2", "rollback", "promote 3", "rollback"), [1, 2, 1, 3, 1]),
        (("promote 1", "demote", "rollback"), [1, 0, 1]),
        (("promote 1", "promote 2", "withdraw 1", "rollback"), [1, 2, 2, 0]),
        (("promote 1", "promote 2", "withdraw 2", "rollback"), [1, 2, 1, 0]),
        (("promote 1", "withdraw 1"), [1, 0]),
        (("promote 1", "promote 2", "promote 3", "withdraw 2", "withdraw 3"), [1, 2, 3, 3, 1]),
        (("promote 1", "promote 2", "rollback", "withdraw 1"), [1, 2, 1, 0]),
    ],
)
def test_what_served_before_serves_again(
    ledger: Ledger, steps: tuple[str, ...], served: list[int]
) -> None:
    assert do(ledger, *steps) == served


@pytest.mark.usefixtures("versions")
@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (("rollback",), "nothing_to_roll_back_to"),
        (("promote 1", "rollback", "rollback"), "nothing_to_roll_back_to"),
        (("promote 1", "withdraw 1", "rollback"), "nothing_to_roll_back_to"),
        (("demote",), "nothing_in_production"),
        (("promote 1", "demote", "demote"), "nothing_in_production"),
        (("withdraw 1", "withdraw 1"), "version_withdrawn"),
        (("withdraw 1", "promote 1"), "version_withdrawn"),
    ],
)
def test_where_there_is_no_way_back_it_says_so(
    ledger: Ledger, steps: tuple[str, ...], code: str
) -> None:
    do(ledger, *steps[:-1])
    with pytest.raises(Conflict) as refused:
        do(ledger, steps[-1])
    assert refused.value.error_code == code


def test_an_unusable_version_is_passed_over(ledger: Ledger, versions: list[UUID]) -> None:
    do(ledger, "promote 1", "promote 2", "promote 3")
    with ledger.worker.transaction(ledger.tenant) as session:
        mark_unusable(session, versions[1])
    assert do(ledger, "rollback") == [1]


@pytest.mark.usefixtures("versions")
def test_the_history_answers_what_served_when(ledger: Ledger) -> None:
    do(ledger, "promote 1", "promote 2", "rollback", "demote")
    with ledger.api.transaction(ledger.tenant) as session:
        moments = session.scalars(select(Promotion.at).order_by(Promotion.id)).all()
        served = [read_history(session, MODELS, "visit", at=at).version for at in moments]
        assert served == ["models:/visit/1", "models:/visit/2", "models:/visit/1", None]
        before = moments[0].replace(year=2000)
        assert read_history(session, MODELS, "visit", at=before).version is None
        assert [
            one.action for one in read_history(session, MODELS, "visit", at=moments[1]).data
        ] == [
            "promote",
            "promote",
        ]
        first = read_history(session, MODELS, "visit", limit=3)
        assert ([one.action for one in first.data], first.has_more) == (
            ["demote", "rollback", "promote"],
            True,
        )
        (last,) = read_history(session, MODELS, "visit", after=first.data[-1].seq).data
        assert (last.action, last.version) == ("promote", "models:/visit/1")


@pytest.mark.usefixtures("versions")
def test_a_withdrawal_is_for_good_and_keeps_its_reason(ledger: Ledger) -> None:
    do(ledger, "withdraw 2")
    with ledger.api.transaction(ledger.tenant) as session:
        version = find_version(session, MODELS, "visit", 2)
        assert (version.status, version.withdrawn_because) == ("withdrawn", "said")
        mark_unusable(session, version.id)
        assert find_version(session, MODELS, "visit", 2).status == "withdrawn"

"""Promotion through the gate, on a real Postgres."""

from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.errors import Conflict, NotFound
from shared.registry.gate import GateNotPassed
from shared.registry.history import read_history
from shared.registry.kinds import MODELS
from shared.registry.mark_unusable import mark_unusable
from shared.registry.promote import promote
from shared.registry.queries import production_models
from shared.schemas.registry import ProductionAnswer
from tests.factories.registry import add_dataset_version, add_evaluation, add_model_version
from tests.fixtures.ledger import Ledger

BETTER = {
    "rougeL": (2.0, 0.5, 3.5),
    "support": (0.0, -0.01, 0.01),
    "numbers": (0.0, 0.0, 0.0),
    "entities": (0.0, 0.0, 0.0),
}
WORSE = {**BETTER, "support": (-0.2, -0.3, -0.1)}


@pytest.fixture
def dataset(ledger: Ledger) -> UUID:
    return add_dataset_version(ledger)


def into_production(ledger: Ledger, number: int, **more: object) -> ProductionAnswer:
    with ledger.api.transaction(ledger.tenant) as session:
        given = {"note_type": "visit", "reason": "tested", "actor": "key_1", **more}
        return promote(session, MODELS, tenant=ledger.tenant, version=number, **given)  # type: ignore[arg-type]


def serving(ledger: Ledger) -> str | None:
    with ledger.worker.transaction(ledger.tenant) as session:
        found = production_models(session).get("visit")
    return None if found is None else found.name


def test_what_passes_the_gate_serves_and_the_history_keeps_the_table(
    ledger: Ledger, dataset: UUID
) -> None:
    add_model_version(ledger, 1, dataset)
    add_evaluation(ledger, 1, dataset, BETTER)
    assert serving(ledger) is None
    answer = into_production(ledger, 1)
    assert (answer.version, answer.before) == ("models:/visit/1", None)
    assert serving(ledger) == "models:/visit/1"
    with ledger.api.transaction(ledger.tenant) as session:
        (line,) = read_history(session, MODELS, "visit").data
    assert (line.action, line.reason, line.actor, line.override) == (
        "promote",
        "tested",
        "key_1",
        False,
    )
    assert line.gate is not None
    assert line.gate.passed


def test_without_an_evaluation_beside_what_serves_now_the_gate_is_shut(
    ledger: Ledger, dataset: UUID
) -> None:
    for number in (1, 2):
        add_model_version(ledger, number, dataset)
    with pytest.raises(GateNotPassed) as refused:
        into_production(ledger, 1)
    assert refused.value.gate.evaluation is None
    assert refused.value.how_to_fix is not None
    assert "epicrisis compare visit models:/visit/1 --dataset visits@1" in refused.value.how_to_fix
    into_production(ledger, 1, override=True)
    # Beside the prompt it was better; the prompt is not what it would replace now.
    add_evaluation(ledger, 2, dataset, BETTER)
    with pytest.raises(GateNotPassed):
        into_production(ledger, 2)
    add_evaluation(ledger, 2, dataset, BETTER, production=1)
    assert into_production(ledger, 2).before == "models:/visit/1"


def test_the_newest_evaluation_decides_and_an_override_keeps_the_gate_as_it_stood(
    ledger: Ledger, dataset: UUID
) -> None:
    add_model_version(ledger, 1, dataset)
    add_evaluation(ledger, 1, dataset, BETTER)
    newest = add_evaluation(ledger, 1, dataset, WORSE)
    with pytest.raises(GateNotPassed, match="Support of the sentences: worse"):
        into_production(ledger, 1)
    assert serving(ledger) is None
    into_production(ledger, 1, override=True)
    with ledger.api.transaction(ledger.tenant) as session:
        (line,) = read_history(session, MODELS, "visit").data
    assert line.override
    assert line.gate is not None
    assert (line.gate.passed, line.gate.evaluation) == (False, f"eval_{newest.hex}")


def test_what_cannot_or_need_not_be_promoted_is_refused(ledger: Ledger, dataset: UUID) -> None:
    add_model_version(ledger, 1, dataset)
    unusable = add_model_version(ledger, 2, dataset)
    add_model_version(ledger, 3, dataset, status="withdrawn")
    with ledger.worker.transaction(ledger.tenant) as session:
        mark_unusable(session, unusable)
    codes = {2: "version_unusable", 3: "version_withdrawn"}
    for number, code in codes.items():
        with pytest.raises(Conflict) as refused:
            into_production(ledger, number, override=True)
        assert refused.value.error_code == code
    with pytest.raises(NotFound):
        into_production(ledger, 9, override=True)
    with pytest.raises(Conflict, match="no version"):
        into_production(ledger, 1, override=True, expected_production=7)
    into_production(ledger, 1, override=True, expected_production=0)
    with pytest.raises(Conflict) as refused:
        into_production(ledger, 1, override=True)
    assert refused.value.error_code == "already_in_production"
    with ledger.worker.transaction(ledger.tenant) as session:
        (serves,) = production_models(session).values()
        mark_unusable(session, serves.id)
        assert production_models(session) == {}


def test_two_who_promote_at_once_come_one_after_the_other(ledger: Ledger, dataset: UUID) -> None:
    for number in (1, 2):
        add_model_version(ledger, number, dataset)
    outcomes: list[str] = []

    def attempt(number: int) -> None:
        try:
            into_production(ledger, number, override=True, expected_production=0)
            outcomes.append("promoted")
        except Conflict as error:
            outcomes.append(error.error_code)

    both = [Thread(target=attempt, args=(number,)) for number in (1, 2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(outcomes) == ["other_production", "promoted"]


@pytest.mark.parametrize(
    "statement", ["UPDATE promotions SET reason = 'x'", "DELETE FROM promotions"]
)
def test_no_role_changes_the_history(ledger: Ledger, dataset: UUID, statement: str) -> None:
    add_model_version(ledger, 1, dataset)
    into_production(ledger, 1, override=True)
    for database in (ledger.api, ledger.worker):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            database.transaction(ledger.tenant) as session,
        ):
            session.execute(text(statement))

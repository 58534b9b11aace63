"""After a run's evaluation: into production by itself, through the gate and never past it."""

import pytest
from sqlalchemy import select

from shared.evaluations.promote_if_asked import promote_if_asked
from shared.ids import new_id
from shared.registry.history import read_history
from shared.registry.kinds import MODELS
from shared.registry.queries import production_models
from shared.tables import AuditEvent, TrainingEvent, TrainingRun, TrainingTrigger
from tests.factories.registry import add_dataset_version, add_evaluation, add_model_version
from tests.fixtures.ledger import Ledger

BETTER = (3.0, 1.0, 5.0)
WORSE = (-3.0, -5.0, -1.0)
SAME = (0.0, -0.1, 0.1)


@pytest.mark.parametrize(
    ("promote", "rouge", "serves", "codes"),
    [
        ("if_gate_passes", BETTER, ["models:/visit/1"], ["promoted"]),
        ("if_gate_passes", WORSE, [], ["not_promoted"]),
        ("never", BETTER, [], []),
    ],
)
def test_the_gate_decides_where_it_is_asked(
    ledger: Ledger,
    promote: str,
    rouge: tuple[float, float, float],
    serves: list[str],
    codes: list[str],
) -> None:
    dataset, run, trigger = add_dataset_version(ledger), new_id(), new_id()
    with ledger.owner.transaction() as session:
        session.add(
            TrainingTrigger(
                id=trigger,
                tenant_id=ledger.tenant,
                note_type="visit",
                dataset="visits",
                base="tiny",
                method="lora",
                hyperparameters={},
                seed=1,
                new_reviews=1,
                promote=promote,
            )
        )
        session.flush()
        session.add(
            TrainingRun(
                id=run,
                tenant_id=ledger.tenant,
                note_type="visit",
                status="succeeded",
                dataset_version_id=dataset,
                base="tiny",
                method="lora",
                hyperparameters={},
                seed=1,
                promote=promote,
                trigger_id=trigger,
            )
        )
    add_model_version(ledger, 1, dataset, run_id=run)
    differences = {"support": SAME, "numbers": SAME, "entities": SAME, "rougeL": rouge}
    add_evaluation(ledger, 1, dataset, differences)
    with ledger.worker.transaction(ledger.tenant) as session:
        promote_if_asked(session, ledger.vault, run)
    with ledger.api.transaction(ledger.tenant) as session:
        assert [one.name for one in production_models(session).values()] == serves
        assert session.scalars(select(TrainingEvent.code)).all() == codes
        actors = [
            one.actor for one in read_history(session, MODELS, "visit", after=None, limit=9).data
        ]
        assert actors == [f"trigger_{trigger.hex}"] * len(serves)
        written = session.scalars(select(AuditEvent)).all()
        assert [(one.actor, one.action, one.objects) for one in written] == [
            (f"trigger_{trigger.hex}", "model.promote", [name]) for name in serves
        ]

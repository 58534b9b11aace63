"""A run is accepted or refused, with figures, before anything is written."""

import pytest
from sqlalchemy import func, select, text

from shared.datasets.delete import delete_version
from shared.datasets.queries import find_version
from shared.errors import Conflict, EpicrisisError, Gone, InvalidInput, NotFound
from shared.schemas.training import TrainingRequest
from shared.tables import Base, TrainingRun
from shared.training.submit import submit_run
from tests.factories.registry import add_model_version
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.ledger import Ledger

DEFAULT = "packaged:smollm2"


def submit(ledger: Ledger, default: str | None = DEFAULT, **asked: object) -> TrainingRun:
    body = {"note_type": "visit", "dataset": "visits@1", **asked}
    request = TrainingRequest.model_validate(body)
    with ledger.api.transaction(ledger.tenant) as session:
        return submit_run(session, ledger.tenant, request, default_base=default)


def change(ledger: Ledger, statement: str) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text(statement))


def test_a_run_waits_for_the_default_base_that_nobody_imported(ledger: Ledger) -> None:
    ready_dataset(ledger)
    first, second = submit(ledger), submit(ledger, base_model=DEFAULT)
    assert (first.status, first.base) == ("queued", DEFAULT)
    assert first.base_id == second.base_id
    with ledger.worker.transaction() as session:
        assert session.scalar(select(Base.status)) == "queued"
        assert session.scalar(text("SELECT count(*) FROM outbox WHERE name LIKE 'training.%'"))


def test_a_default_base_that_failed_is_tried_again(ledger: Ledger) -> None:
    ready_dataset(ledger)
    submit(ledger)
    change(ledger, "UPDATE bases SET status = 'failed', error_code = 'x', error_message = 'y'")
    submit(ledger)
    with ledger.worker.transaction() as session:
        assert session.scalar(select(Base.status)) == "queued"


def test_a_run_begins_from_a_version_of_ours(ledger: Ledger) -> None:
    dataset = ready_dataset(ledger)
    version = add_model_version(ledger, 1, dataset)
    run = submit(ledger, base_model="models:/visit/1")
    assert (run.base, run.base_version_id, run.base_id) == ("models:/visit/1", version, None)


def test_a_dataset_by_its_name_is_the_newest_version(ledger: Ledger) -> None:
    ready_dataset(ledger)
    newest = ready_dataset(ledger)
    assert submit(ledger, dataset="visits").dataset_version_id == newest


@pytest.mark.parametrize(
    ("asked", "error", "code"),
    [
        ({"note_type": "unheard_of"}, InvalidInput, "unknown_note_type"),
        ({"dataset": "visits@9"}, NotFound, "not_found"),
        ({"base_model": "nobody/knows"}, InvalidInput, "unknown_base"),
        ({"base_model": "models:/visit/9"}, InvalidInput, "unknown_base"),
    ],
)
def test_what_is_not_there_is_refused(
    ledger: Ledger, asked: dict[str, str], error: type[EpicrisisError], code: str
) -> None:
    ready_dataset(ledger)
    with pytest.raises(error) as refused:
        submit(ledger, **asked)
    assert refused.value.error_code == code
    with ledger.worker.transaction() as session:
        assert session.scalar(select(func.count()).select_from(TrainingRun)) == 0


def test_without_a_default_a_base_must_be_named(ledger: Ledger) -> None:
    ready_dataset(ledger)
    with pytest.raises(InvalidInput) as refused:
        submit(ledger, default=None)
    assert refused.value.error_code == "no_base"


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("UPDATE dataset_versions SET status = 'queued'", "dataset_not_ready", "queued"),
        (
            "UPDATE dataset_members SET permitted_use = 'evaluation' WHERE split = 'train'",
            "not_permitted_for_training",
            "None of the 3 examples of the train split",
        ),
        (
            "UPDATE dataset_members SET decision = 'drop' WHERE split = 'train'",
            "empty_train_split",
            "test 1, validation 1",
        ),
        (
            "UPDATE dataset_members SET split = 'train' WHERE split = 'validation'",
            "empty_validation_split",
            "test 1, train 4",
        ),
        ("UPDATE examples SET target_sealed = NULL", "empty_train_split", "no split has any"),
        ("UPDATE bases SET status = 'failed', error_message = 'No.'", "base_failed", "No."),
    ],
)
def test_what_cannot_be_trained_on_is_refused_with_figures(
    ledger: Ledger, statement: str, code: str, words: str
) -> None:
    ready_dataset(ledger)
    ready_base(ledger)
    change(ledger, statement)
    with pytest.raises(Conflict, match=words) as refused:
        submit(ledger, base_model="tiny")
    assert refused.value.error_code == code


def test_a_deleted_version_is_gone(ledger: Ledger) -> None:
    ready_dataset(ledger)
    with ledger.api.transaction(ledger.tenant) as session:
        delete_version(session, find_version(session, "visits", 1).id)
    with pytest.raises(Gone):
        submit(ledger)


def test_another_tenants_base_and_dataset_are_not_there(ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    ready_dataset(ledger, "theirs", tenant=other)
    ready_base(ledger, tenant=other)
    ready_dataset(ledger)
    with pytest.raises(NotFound):
        submit(ledger, dataset="theirs@1")
    with pytest.raises(InvalidInput):
        submit(ledger, base_model="tiny")

"""Whose examples a version learned from, through bases, teachers, erasure and deletion."""

from uuid import UUID

from shared.access.tenants import open_vault
from shared.datasets.delete import delete_version
from shared.registry.lineage import trained_groups, versions_trained_on
from shared.registry.mark_unusable import mark_unusable
from shared.registry.queries import find_serving
from shared.retention.erase_subject import erase_subject
from tests.factories.registry import add_dataset_version, add_model_version
from tests.fixtures.ledger import Ledger


def groups(ledger: Ledger, version: UUID) -> set[bytes]:
    with ledger.worker.transaction(ledger.tenant) as session:
        return set(session.scalars(trained_groups(session, version)))


def test_a_version_has_learned_from_its_own_its_bases_and_its_teachers_training_groups(
    ledger: Ledger,
) -> None:
    first = add_dataset_version(ledger, 1, ((b"base", "train"), (b"held out", "test")))
    second = add_dataset_version(ledger, 2, ((b"teacher", "train"),))
    third = add_dataset_version(ledger, 3, ((b"own", "train"),), made_by="models:/visit/2")
    base = add_model_version(ledger, 1, first)
    add_model_version(ledger, 2, second)
    version = add_model_version(ledger, 3, third, base_version_id=base)
    assert groups(ledger, version) == {b"base", b"teacher", b"own"}
    assert groups(ledger, base) == {b"base"}


def test_what_was_erased_or_deleted_since_counts_as_learned_from(ledger: Ledger) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
    patient = vault.mac("Patient/17", purpose="subject")
    dataset = add_dataset_version(ledger, 1, ((patient, "train"), (b"held out", "test")))
    other = add_dataset_version(ledger, 2, ((b"somebody else", "train"),))
    version = add_model_version(ledger, 1, dataset)
    add_model_version(ledger, 2, other)
    with ledger.api.transaction(ledger.tenant) as session:
        assert versions_trained_on(session, patient) == ["models:/visit/1"]
        erased = erase_subject(session, vault, "Patient/17").erasure
        assert erased.trained_models == ["models:/visit/1"]
        again = erase_subject(session, vault, "Patient/17").erasure
        assert again.trained_models == ["models:/visit/1"]
        delete_version(session, dataset)
    assert patient in groups(ledger, version)
    assert b"held out" not in groups(ledger, version)


def test_an_unusable_version_is_not_found_to_serve(ledger: Ledger) -> None:
    version = add_model_version(ledger, 1, add_dataset_version(ledger))
    with ledger.worker.transaction(ledger.tenant) as session:
        serving = find_serving(session, "models:/visit/1")
        assert serving is not None
        assert (serving.id, serving.parity.passed) == (version, True)
        mark_unusable(session, version)
        assert find_serving(session, "models:/visit/1") is None
        assert find_serving(session, "models:/visit/2") is None
        assert find_serving(session, "prompts:/visit/1") is None

"""A patient's examples go from every version that holds them; the versions stay."""

import psycopg

from shared.access.tenants import open_vault
from shared.datasets.add import Provenance, add_rows, begin_version, submit_version
from shared.datasets.decide import begin_anew, keep_the_rest
from shared.datasets.read import read_rows
from shared.datasets.records import Row
from shared.retention.erase_subject import erase_subject
from shared.schemas.datasets import Recipe
from tests.fixtures.ledger import Ledger

PROVENANCE = Provenance("visit", "test", None, "training", holds_patient_data=True)
ROWS = [
    Row(1, "Quillfeather has a cough.", "Cough.", group_id="Patient/17", metadata={"ward": "7"}),
    Row(2, "Somebody else is well.", "Well.", group_id="Patient/18"),
]


def test_an_erased_patient_is_in_no_dataset_and_the_rows_say_so(ledger: Ledger) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        version = begin_version(session, ledger.tenant, "visits", PROVENANCE, Recipe())
        add_rows(session, vault, version, PROVENANCE, ROWS)
        submit_version(session, version)
    with ledger.api.transaction(ledger.tenant) as session:
        assert erase_subject(session, vault, "Patient/17").erasure.examples == 1
        assert erase_subject(session, vault, "Patient/17").erasure.examples == 0
    with ledger.worker.transaction(ledger.tenant) as session:
        begin_anew(session, version)
        keep_the_rest(session, version)
        (left,) = read_rows(session, vault, version, after=0, limit=10)
    assert left.candidate.source == "Somebody else is well."
    with psycopg.connect(ledger.urls.auditor) as connection:
        members = connection.execute(
            "SELECT decision, reason, metadata_sealed FROM dataset_members ORDER BY line"
        ).fetchall()
        sealed = connection.execute(
            "SELECT count(*) FROM examples WHERE source_sealed IS NOT NULL"
        ).fetchone()
    assert members == [("drop", "erased", None), ("keep", None, None)]
    assert sealed == (1,)

"""Reviewed summaries become a version; what a model wrote is never measured against."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from shared.datasets.collect import FIRST, begin_collecting, collect_page
from shared.datasets.decide import drop_accepted_outside_training, keep_the_rest, record_splits
from shared.datasets.extend import submit_reviews
from shared.datasets.queries import find_version, read_decisions
from shared.datasets.read import read_rows
from shared.errors import InvalidInput
from shared.ids import parse_id
from shared.intake.records import Record
from shared.reviews.submit import submit_review
from shared.schemas.datasets import DeriveRequest
from shared.schemas.reviews import ReviewRequest
from shared.tables import DatasetMember, ModelVersion, Summary
from tests.factories.registry import add_dataset_version, add_model_version
from tests.fixtures.ledger import Ledger

REQUEST = DeriveRequest.model_validate({"from": "reviews", "note_type": "visit"})


def review(ledger: Ledger, summary: str, **verdict: str) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        request = ReviewRequest.model_validate(verdict)
        row = parse_id("sum", summary)
        submit_review(session, ledger.opened(), row, request, reviewer="key_1")


def collect(ledger: Ledger) -> UUID:
    """As a worker does, in pages of two."""
    with ledger.api.transaction(ledger.tenant) as session:
        number = submit_reviews(session, ledger.tenant, "visits", REQUEST)
        version = find_version(session, "visits", number).id
    vault = ledger.opened()
    with ledger.worker.transaction(ledger.tenant) as session:
        line, reached, after = begin_collecting(session, version, None), -1, FIRST
        while line > reached:
            reached = line
            line, after = collect_page(
                session, vault, version, "visit", line=line, after=after, limit=2
            )
    return version


def summaries(ledger: Ledger, *records: Record) -> list[str]:
    batch = ledger.submit_records(*records, note_type="visit")
    ledger.complete(*ledger.claim(), words="What the model wrote.")
    lines = sorted(ledger.results(batch), key=lambda line: line.custom_id)
    return [line.summary.id for line in lines if line.summary]


def test_the_newest_review_of_each_summary_counts(ledger: Ledger) -> None:
    edited, accepted, rejected, unread = summaries(
        ledger, *[Record(line, f"Note {line}.", subject="Patient/17") for line in (1, 2, 3, 4)]
    )
    review(ledger, edited, verdict="accepted")
    review(ledger, edited, verdict="edited", text="What the clinician wanted.")
    review(ledger, accepted, verdict="accepted")
    review(ledger, rejected, verdict="accepted")
    review(ledger, rejected, verdict="rejected")
    version = collect(ledger)
    with ledger.worker.transaction(ledger.tenant) as session:
        rows = read_rows(session, ledger.opened(), version, after=0, limit=10)
        groups = set(session.scalars(select(DatasetMember.group_mac)))
    assert unread
    assert [(row.candidate.source, row.candidate.target) for row in rows] == [
        ("Note 1.", "What the clinician wanted."),
        ("Note 2.", "What the model wrote."),
    ]
    assert {row.candidate.kind for row in rows} == {"reviewed"}
    assert groups == {ledger.opened().mac("Patient/17", purpose="subject")}


def test_accepted_model_text_is_trained_on_and_never_tested_on(ledger: Ledger) -> None:
    first, second, third = summaries(ledger, *[Record(line, f"Note {line}.") for line in (1, 2, 3)])
    for summary in (first, second):
        review(ledger, summary, verdict="accepted")
    review(ledger, third, verdict="edited", text="What the clinician wanted.")
    version = collect(ledger)
    with ledger.worker.transaction(ledger.tenant) as session:
        keep_the_rest(session, version)
        record_splits(session, version, {1: "test", 2: "train", 3: "test"})
        drop_accepted_outside_training(session, version)
        decided = read_decisions(session, version, after=0, limit=10)
    assert [(one.decision, one.reason, one.split) for one in decided] == [
        ("drop", "accepted_model_text", None),
        ("keep", None, "train"),
        ("keep", None, "test"),
    ]


def test_of_a_withdrawn_model_only_what_a_person_wrote_is_collected(ledger: Ledger) -> None:
    edited, accepted, other = summaries(
        ledger, *[Record(line, f"Note {line}.") for line in (1, 2, 3)]
    )
    version = add_model_version(ledger, 1, add_dataset_version(ledger, name="trained"))
    with ledger.owner.transaction() as session:
        for summary in (edited, accepted):
            session.execute(
                update(Summary)
                .where(Summary.id == parse_id("sum", summary))
                .values(model_version="models:/visit/1")
            )
    review(ledger, edited, verdict="edited", text="What the clinician wanted.")
    for summary in (accepted, other):
        review(ledger, summary, verdict="accepted")

    def collected() -> list[str | None]:
        made = collect(ledger)
        with ledger.worker.transaction(ledger.tenant) as session:
            rows = read_rows(session, ledger.opened(), made, after=0, limit=10)
        return [row.candidate.source for row in rows]

    assert collected() == ["Note 1.", "Note 2.", "Note 3."]
    with ledger.owner.transaction() as session:
        withdrawn = {"status": "withdrawn", "withdrawn_at": func.now()}
        session.execute(update(ModelVersion).where(ModelVersion.id == version).values(withdrawn))
    assert collected() == ["Note 1.", "Note 3."]
    review(ledger, other, verdict="rejected")
    review(ledger, edited, verdict="accepted")
    with pytest.raises(InvalidInput):
        collect(ledger)


def test_without_a_review_there_is_nothing_to_collect(ledger: Ledger) -> None:
    with pytest.raises(InvalidInput) as refused:
        collect(ledger)
    assert refused.value.error_code == "no_reviews"
    with ledger.owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM dataset_versions")) == 0

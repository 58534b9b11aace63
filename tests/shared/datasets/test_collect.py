"""Reviewed summaries become a version; what a model wrote is never measured against."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from shared.datasets.collect import collect_reviews
from shared.datasets.decide import drop_accepted_outside_training, keep_the_rest, record_splits
from shared.datasets.queries import find_version, read_decisions
from shared.datasets.read import read_rows
from shared.errors import InvalidInput
from shared.ids import parse_id
from shared.intake.records import Record
from shared.reviews.submit import submit_review
from shared.schemas.datasets import DeriveRequest
from shared.schemas.reviews import ReviewRequest
from shared.tables import DatasetMember
from tests.fixtures.ledger import Ledger

REQUEST = DeriveRequest.model_validate({"from": "reviews", "note_type": "visit"})


def review(ledger: Ledger, summary: str, **verdict: str) -> None:
    with ledger.api.transaction(ledger.tenant) as session:
        request = ReviewRequest.model_validate(verdict)
        row = parse_id("sum", summary)
        submit_review(session, ledger.opened(), row, request, reviewer="key_1")


def collect(ledger: Ledger) -> UUID:
    with ledger.api.transaction(ledger.tenant) as session:
        number = collect_reviews(session, ledger.opened(), "visits", REQUEST)
        return find_version(session, "visits", number).id


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


def test_without_a_review_there_is_nothing_to_collect(ledger: Ledger) -> None:
    with pytest.raises(InvalidInput) as refused:
        collect(ledger)
    assert refused.value.error_code == "no_reviews"
    with ledger.owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM dataset_versions")) == 0

"""Attachments in the ledger: whose turn it is, who holds them, and what becomes of them."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.access.tenants import open_vault, suspend_tenant
from shared.batches.cancel import cancel_batch
from shared.batches.sweep import sweep_ended
from shared.documents.attachments import (
    AttachmentRefused,
    AttachmentText,
    ClaimedAttachment,
    claim_attachments,
    record_refusals,
    record_texts,
)
from shared.documents.ledger import Claim, heartbeat, release
from shared.documents.lost import quarantine, requeue_lost
from shared.documents.queries import get_text
from shared.intake.records import Attachment, Record
from shared.messages import AttachmentsQueued, DocumentsQueued
from shared.outbox import claim_pending
from tests.fixtures.attachments import PDF
from tests.fixtures.ledger import LEASE, Ledger

DATA = b"%PDF-1.7 with so many bytes"
WORDS = "A note."


def submit(ledger: Ledger, count: int = 1, tenant: UUID | None = None, **given: str) -> UUID:
    records = [Record(line, attachment=Attachment(PDF, DATA)) for line in range(1, count + 1)]
    return ledger.submit_records(*records, tenant=tenant, **given)


def take(ledger: Ledger, limit: int = 8) -> list[ClaimedAttachment]:
    with ledger.worker.transaction() as session:
        return claim_attachments(session, uuid4(), limit=limit, lease_seconds=LEASE)


def record(ledger: Ledger, *claims: Claim) -> int:
    tenant = claims[0].tenant
    with ledger.worker.transaction(tenant) as session:
        vault = open_vault(session, ledger.vault, tenant)
        texts = [AttachmentText(claim, WORDS, ["partly_scanned"]) for claim in claims]
        return record_texts(session, vault, texts)


def refuse(ledger: Ledger, *claims: Claim) -> int:
    with ledger.worker.transaction(claims[0].tenant) as session:
        refused = [AttachmentRefused(claim, "attachment_encrypted", "No.") for claim in claims]
        return record_refusals(session, refused)


def die(ledger: Ledger) -> int:
    """Leases run out; returns how many go back to the queue."""
    ledger.lose_leases()
    with ledger.owner.transaction() as session:
        return requeue_lost(session, lease_seconds=0, max_deaths=3, limit=100)


def test_bytes_become_text_that_is_summarized(ledger: Ledger) -> None:
    batch = submit(ledger)
    assert ledger.claim() == []
    (held,) = take(ledger)
    assert (held.media_type, held.claim.size) == (PDF, len(DATA))
    assert take(ledger) == []
    assert record(ledger, held.claim) == 1
    (claim,) = ledger.claim()
    assert (claim.document, claim.size, claim.attempts) == (held.claim.document, len(WORDS), 0)
    assert claim.warnings[-1] == "partly_scanned"
    ledger.complete(claim)
    assert ledger.batch(batch).status == "completed"
    with ledger.api.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        assert get_text(session, vault, claim.document) == WORDS
    with ledger.owner.transaction() as session:
        kept = session.execute(text("SELECT attachment_sealed FROM document_contents")).scalars()
        sizes = session.execute(text("SELECT size, size_done FROM batches")).one()
    assert set(kept) == {None}
    assert tuple(sizes) == (len(WORDS), len(WORDS))


def test_text_wakes_summarization(ledger: Ledger) -> None:
    submit(ledger)
    with ledger.worker.transaction() as session:
        assert AttachmentsQueued() in claim_pending(session, 10)
    record(ledger, *(held.claim for held in take(ledger)))
    with ledger.worker.transaction() as session:
        assert claim_pending(session, 10) == [DocumentsQueued()]


def test_a_refused_one_is_a_rejected_result(ledger: Ledger) -> None:
    batch = submit(ledger)
    (held,) = take(ledger)
    assert refuse(ledger, held.claim) == 1
    (result,) = ledger.results(batch)
    assert result.error is not None
    assert (result.status, result.error.code) == ("rejected", "attachment_encrypted")
    assert (ledger.batch(batch).status, ledger.batch(batch).request_counts.rejected) == (
        "completed",
        1,
    )


def test_who_was_thought_dead_leaves_nothing(ledger: Ledger) -> None:
    batch = submit(ledger)
    (late,) = take(ledger)
    assert die(ledger) == 1
    (held,) = take(ledger)
    assert record(ledger, late.claim) == refuse(ledger, late.claim) == 0
    with ledger.worker.transaction() as session:
        assert heartbeat(session, [late.claim, held.claim], LEASE) == 1
    assert ledger.batch(batch).request_counts.running == 1


def test_only_deaths_alone_condemn(ledger: Ledger) -> None:
    batch = submit(ledger, 3)
    assert len(take(ledger)) == 3
    assert die(ledger) == 3
    for _ in range(2):
        (held,) = take(ledger)
        assert die(ledger) == 1
    (again,) = take(ledger)
    assert again.claim.document == held.claim.document
    ledger.lose_leases()
    with ledger.owner.transaction() as session:
        assert quarantine(session, lease_seconds=0, max_deaths=3, limit=100) == 1
    assert [r.error.code for r in ledger.results(batch) if r.error] == ["quarantined"]
    for _ in range(2):
        (neighbour,) = take(ledger)
        assert record(ledger, neighbour.claim) == 1
    assert len(ledger.claim()) == 2  # as text they are suspected of nothing


def test_what_is_given_back_is_taken_again(ledger: Ledger) -> None:
    submit(ledger, 2)
    held = take(ledger)
    with ledger.worker.transaction() as session:
        release(session, [one.claim for one in held])
    assert len(take(ledger)) == 2


def test_a_backlog_hides_no_neighbour(ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    submit(ledger, 40, priority="bulk")
    submit(ledger, 40)
    submit(ledger, tenant=other, priority="bulk")
    taken = [held.claim for held in take(ledger, limit=8)]
    assert len(taken) == 8
    assert other in {claim.tenant for claim in taken}
    with ledger.owner.transaction() as session:
        priorities = session.scalars(
            text("SELECT priority FROM documents WHERE status = 'running'")
        ).all()
    assert {priority: priorities.count(priority) for priority in priorities} == {
        "normal": 5,
        "bulk": 3,
    }


def test_two_workers_at_once_take_different_ones(ledger: Ledger) -> None:
    submit(ledger, 20)
    with ledger.worker.transaction() as one, ledger.worker.transaction() as two:
        first = claim_attachments(one, uuid4(), limit=8, lease_seconds=LEASE)
        second = claim_attachments(two, uuid4(), limit=8, lease_seconds=LEASE)
    documents = {held.claim.document for held in (*first, *second)}
    assert len(documents) == 16


@pytest.mark.parametrize("ended", [True, False])
def test_of_a_suspended_tenant_or_a_cancelled_batch_nothing_is_taken(
    ledger: Ledger, *, ended: bool
) -> None:
    batch = submit(ledger)
    if ended:
        with ledger.api.transaction(ledger.tenant) as session:
            cancel_batch(session, batch)
    else:
        with ledger.owner.transaction() as session:
            suspend_tenant(session, ledger.tenant)
    assert take(ledger) == []
    with ledger.worker.transaction() as session:
        assert sweep_ended(session, limit=10) == (1 if ended else 0)

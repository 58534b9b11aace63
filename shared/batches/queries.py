"""Read batches as the outside sees them. Needs a transaction of the asker's tenant."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.batches.stall import stalled_since
from shared.errors import NotFound
from shared.ids import parse_id, public_id
from shared.queues import SEEN_SECONDS
from shared.schemas.batches import (
    Attention,
    BatchAnswer,
    BatchList,
    GroupAnswer,
    RequestCounts,
    RouteCounts,
)
from shared.tables import Batch, BatchContent, Document, WorkerPresence
from shared.vault import TenantVault

_ATTENTION = {
    "model_unavailable": "The prompt model does not answer; documents wait for it and step down to "
    "the extractive route only after EPICRISIS_FALLBACK_AFTER_SECONDS.",
    "model_unusable": "The prompt model cannot be used, so documents step down to the extractive "
    "route at once. The worker's log says why.",
    "queue_stalled": "Documents wait and the workers are not told of them, or there are none for "
    "attachments. `epicrisis doctor` says what is missing: the dispatcher, Redis or a worker.",
}


def get_batch(session: Session, vault: TenantVault, batch: UUID) -> BatchAnswer:
    """Raises NotFound."""
    row = session.get(Batch, batch)
    if row is None:
        raise NotFound("There is no such batch.")
    return _answers(session, vault, [row])[0]


def list_batches(
    session: Session, vault: TenantVault, *, group: str | None, after: str | None, limit: int
) -> BatchList:
    """Newest first; with `group` also the sums over all of the group's batches."""
    query = select(Batch).order_by(Batch.id.desc()).limit(limit + 1)
    if group is not None:
        query = query.where(Batch.group == group)
    if after is not None:
        query = query.where(Batch.id < parse_id("batch", after))
    rows = session.scalars(query).all()
    return BatchList(
        data=_answers(session, vault, rows[:limit]),
        has_more=len(rows) > limit,
        group=_group(session, group) if group is not None else None,
    )


def _answers(session: Session, vault: TenantVault, rows: Sequence[Batch]) -> list[BatchAnswer]:
    ids = [row.id for row in rows]
    running = _running(session, ids)
    metadata = _metadata(session, vault, ids)
    state = _WorkerState(session)
    ahead = _ahead(session, rows)
    return [
        BatchAnswer(
            id=public_id("batch", row.id),
            status=row.status,
            group=row.group,
            priority=row.priority,
            request_counts=_counts(row, running.get(row.id, 0)),
            routes=RouteCounts(
                fine_tuned=row.fine_tuned, prompt=row.prompt, extractive=row.extractive
            ),
            note_types=row.note_types,
            created_at=row.created_at,
            in_progress_at=row.in_progress_at,
            completed_at=row.completed_at,
            expires_at=row.expires_at,
            results_expire_at=row.results_expire_at,
            estimated_completion_at=state.estimate(row, ahead.get(row.id, 0)),
            attention=state.attention(row),
            metadata=metadata.get(row.id, {}),
        )
        for row in rows
    ]


def _counts(row: Batch, running: int) -> RequestCounts:
    done = row.completed + row.failed + row.rejected + row.cancelled + row.expired
    return RequestCounts(
        total=row.total,
        queued=max(row.total - done - running, 0),
        running=running,
        completed=row.completed,
        failed=row.failed,
        rejected=row.rejected,
        cancelled=row.cancelled,
        expired=row.expired,
    )


def _running(session: Session, batches: Sequence[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(Document.batch_id, func.count())
        .where(Document.batch_id.in_(batches), Document.status == "running")
        .group_by(Document.batch_id)
    )
    return {row[0]: row[1] for row in rows}


def _ahead(session: Session, rows: Sequence[Batch]) -> dict[UUID, int]:
    """For each batch in progress, what is left of the tenant's older ones of its priority."""
    if all(row.status != "in_progress" for row in rows):
        return {}
    left = session.execute(
        select(Batch.id, Batch.priority, Batch.size - Batch.size_done)
        .where(Batch.status == "in_progress")
        .order_by(Batch.id)
    ).all()
    before: Counter[str] = Counter()
    ahead = {}
    for batch, priority, size in left:
        ahead[batch] = before[priority]
        before[priority] += size
    return ahead


def _metadata(
    session: Session, vault: TenantVault, batches: Sequence[UUID]
) -> dict[UUID, dict[str, str]]:
    rows = session.execute(
        select(BatchContent.batch_id, BatchContent.metadata_sealed).where(
            BatchContent.batch_id.in_(batches)
        )
    )
    return {
        batch: json.loads(vault.open(sealed, row=batch, field="metadata"))["metadata"]
        for batch, sealed in rows
    }


def _group(session: Session, group: str) -> GroupAnswer:
    names = ("total", "completed", "failed", "rejected", "cancelled", "expired")
    sums = session.execute(
        select(func.count(), *(func.coalesce(func.sum(getattr(Batch, n)), 0) for n in names)).where(
            Batch.group == group
        )
    ).one()
    counts = dict(zip(names, map(int, sums[1:]), strict=True))
    running = session.scalar(
        select(func.count())
        .select_from(Document)
        .join(Batch, Batch.id == Document.batch_id)
        .where(Batch.group == group, Document.status == "running")
    )
    done = sum(counts.values()) - counts["total"]
    queued = max(counts["total"] - done - (running or 0), 0)
    return GroupAnswer(
        group=group,
        batches=sums[0],
        request_counts=RequestCounts(queued=queued, running=running or 0, **counts),
    )


class _WorkerState:
    """What the summarization workers say of themselves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._now = datetime.now(UTC)
        rows = session.execute(
            select(
                WorkerPresence.characters_per_second,
                WorkerPresence.attention,
                WorkerPresence.attention_since,
                (WorkerPresence.seen_at > text(f"now() - interval '{SEEN_SECONDS} s'")).label(
                    "alive"
                ),
                WorkerPresence.seen_at,
            ).where(WorkerPresence.queue == "summarization")
        ).all()
        self._alive = [row for row in rows if row.alive]
        self._last_seen = max((row.seen_at for row in rows), default=None)

    def estimate(self, batch: Batch, ahead: int) -> datetime | None:
        """When the batch will be done at the pace that the workers have shown.

        `ahead`: characters that go before it. Other tenants' shares cannot be seen from here.
        """
        rate = sum(row.characters_per_second or 0.0 for row in self._alive)
        if batch.status != "in_progress" or rate <= 0:
            return None
        left = batch.size - batch.size_done + ahead
        return self._now + timedelta(seconds=left / rate)

    def attention(self, batch: Batch) -> Attention | None:
        if batch.status not in ("in_progress", "cancelling"):
            return None
        if not self._alive:
            return Attention(
                code="no_summarization_worker",
                detail="No summarization worker is running, so nothing is consumed. Start one, or "
                "ask the operator; the documents wait.",
                since=max(filter(None, (self._last_seen, batch.created_at))),
            )
        troubled = [row for row in self._alive if row.attention]
        if not troubled:
            since = stalled_since(self._session, batch.id)
            if since is None:
                return None
            return Attention(code="queue_stalled", detail=_ATTENTION["queue_stalled"], since=since)
        worst = min(troubled, key=lambda row: row.attention_since or self._now)
        detail = _ATTENTION.get(worst.attention, "A worker reports this code; see its log.")
        return Attention(
            code=worst.attention, detail=detail, since=worst.attention_since or self._now
        )

"""The ledger: what has to be done, who does it, what has been done.

              submit                 claim (a)                complete (b)
    (nothing) ──────▶ queued ───────────────────▶ running ──────────────────▶ succeeded
        │                │ ▲                      │  │  │
        │ submit         │ │ release, retry later │  │  │ fail (d)
        ▼                │ │ or lease lost (c)    │  │  └──────────────────▶ failed ──┐
     rejected            │ └──────────────────────┘  │ cancel, met by (b)             │ retry
                         │                           ▼                                │
                         ├──────────────────────▶ cancelled                           │
                         └──────────────────────▶ expired          queued ◀───────────┘

(a) One statement: the oldest document of the lane whose turn it is and others of near length, up to
    a budget. Each claim raises the document's fence. A document whose batch was cancelled or has
    expired is parked in the same statement; `shared/batches/sweep.py` brings it to its end.
(b) Result, state and counters commit together, and only under the fence of the newest claim. A
    worker that was thought dead and wakes up finds its fence too low and leaves nothing behind.
(c) A lease that ran out while the database was up is a death (`shared/documents/lost.py`). A
    document with a death is claimed alone, and only deaths alone condemn it (`quarantine`), so that
    a document that kills its worker never takes a neighbour with it.
(d) The document's own error: tried again `max_attempts` times with a growing pause, then final.

A document that is still an attachment goes the same way once before: a background worker claims it
and gives it back to the queue as text, or rejects it (`shared/documents/attachments.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.batches.finish import Final, FinalStatus
from shared.documents.lanes import Lane, in_turn, read_lanes, stamp
from shared.schemas.summaries import Route

NEAR_LENGTH = 1.5
"""Documents of one micro-batch differ in length by at most this factor, to bound padding …"""
_SLACK = 200
"""… and these characters more, which matter to nobody."""
_WINDOW = 512
"""How far behind the oldest document a neighbour of near length is looked for."""
_LANES_PER_CLAIM = 4
_DOCUMENTS_PER_CLAIM = 64
"""One commit for so many costs a document 0.3 ms of the database; more would gain nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A document that this worker holds until its lease ends."""

    document: UUID
    tenant: UUID
    batch: UUID
    note_type: str
    fallback: str
    size: int
    fence: int
    attempts: int
    warnings: list[str]
    reuse: str = "none"
    language: str | None = None
    asked_route: Route | None = None
    asked_model_version: str | None = None
    asked_prompt_version: str | None = None
    purpose: str = "summary"
    subject_mac: bytes | None = None
    text_mac: bytes | None = None

    def final(
        self,
        status: FinalStatus,
        *,
        route: str | None = None,
        code: str | None = None,
        message: str | None = None,
    ) -> Final:
        """The state that the document is to reach, unless it was claimed again since."""
        return Final(
            document=self.document,
            batch=self.batch,
            size=self.size,
            fence=self.fence,
            was="running",
            status=status,
            route=route,
            error_code=code,
            error_message=message,
        )


TAKE = """
    UPDATE documents d SET
        status = CASE WHEN live.live THEN 'running' ELSE 'queued' END,
        not_before = CASE WHEN live.live THEN d.not_before ELSE 'infinity' END,
        fence = d.fence + 1,
        worker_id = CASE WHEN live.live THEN CAST(:worker AS uuid) END,
        lease_expires_at = CASE WHEN live.live THEN now() + make_interval(secs => :lease) END,
        alone = (SELECT count(*) = 1 FROM chosen)
    FROM batches b, LATERAL (SELECT b.status = 'in_progress' AND b.expires_at > now() AS live) live
    WHERE d.id IN (SELECT id FROM chosen) AND b.id = d.batch_id AND d.status = 'queued'
    RETURNING d.id, d.tenant_id, d.batch_id, d.note_type, d.fallback, d.size, d.fence, d.attempts,
              d.warnings
"""
"""The end of a claim: what of `chosen` is live runs from now on, the rest is parked; see (a).

It returns the first members of a `Claim`, in order; further columns may be added behind it.
"""


_IN_LANE = """
    d.tenant_id = :tenant AND d.priority = :priority AND d.note_type = :note_type
    AND d.status = 'queued' AND d.attachment_type IS NULL AND d.not_before <= now()
"""
_CLAIM = text(
    f"""
    WITH oldest AS (
        SELECT d.id, d.size, d.deaths FROM documents d
        WHERE {_IN_LANE} AND (d.deaths = 0 OR NOT :in_company)
        ORDER BY d.id LIMIT 1 FOR UPDATE SKIP LOCKED
    ), near AS (
        SELECT d.id FROM documents d, oldest
        WHERE d.id IN (SELECT d.id FROM documents d WHERE {_IN_LANE} ORDER BY d.id LIMIT :window)
          AND d.id <> oldest.id AND d.deaths = 0 AND oldest.deaths = 0
          AND d.size BETWEEN oldest.size / :near - :slack AND oldest.size * :near + :slack
        ORDER BY d.id
        LIMIT (SELECT least((:budget + size - 1) / greatest(size, 1), :most) - 1 FROM oldest)
        FOR UPDATE OF d SKIP LOCKED
    ), chosen AS (
        SELECT id FROM oldest UNION ALL SELECT id FROM near
    )
    {TAKE}, d.reuse, d.language,
    d.asked_route, d.asked_model_version, d.asked_prompt_version, d.purpose,
    d.subject_mac, d.text_mac, d.status, d.deaths
    """
)
_IN_COMPANY = text("UPDATE documents SET alone = false WHERE id = ANY(:ids) AND alone")
"""Who came alone from each of several lanes."""


def claim(session: Session, worker: UUID, *, budget: int, lease_seconds: float) -> list[Claim]:
    """Take documents of together about `budget` characters, at least one and at most 64.

    They come from the lane whose turn it is and, while there is budget, from the next ones. One
    that was a worker's death comes alone.
    """
    held: list[Claim] = []
    lanes = 0
    for lane in in_turn(read_lanes(session))[:_LANES_PER_CLAIM]:
        most = _DOCUMENTS_PER_CLAIM - len(held)
        taken, died = _claim_from(
            session, lane, worker, budget, most, lease_seconds, in_company=bool(held)
        )
        budget -= sum(claimed.size for claimed in taken)
        held += taken
        lanes += bool(taken)
        if held and (died or budget < held[0].size or len(held) == _DOCUMENTS_PER_CLAIM):
            break
    if lanes > 1:
        session.execute(_IN_COMPANY, {"ids": [claimed.document for claimed in held]})
    return held


def _claim_from(  # noqa: PLR0913 - what the statement needs
    session: Session,
    lane: Lane,
    worker: UUID,
    budget: int,
    most: int,
    lease_seconds: float,
    *,
    in_company: bool,
) -> tuple[list[Claim], bool]:
    """What was taken, and whether that is one with a death, which it is not `in_company`."""
    rows = session.execute(
        _CLAIM,
        {
            "tenant": lane.tenant,
            "priority": lane.priority,
            "note_type": lane.note_type,
            "window": _WINDOW,
            "near": NEAR_LENGTH,
            "slack": _SLACK,
            "budget": max(budget, 1),
            "most": most,
            "worker": worker,
            "lease": lease_seconds,
            "in_company": in_company,
        },
    ).all()
    running = [row for row in rows if row.status == "running"]
    taken = [Claim(*row[:-2]) for row in running]
    if taken:
        stamp(session, lane, sum(claimed.size for claimed in taken))
    return taken, any(row.deaths for row in running)


_MINE = """
    unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS mine (id, fence)
    WHERE d.id = mine.id AND d.fence = mine.fence AND d.status = 'running'
"""


def heartbeat(session: Session, claims: Sequence[Claim], lease_seconds: float) -> int:
    """Renew the leases; returns how many.

    A document whose result is being recorded at this moment is passed over: waiting for it, with
    others locked in another order, was a deadlock.
    """
    renewed = session.execute(
        text(
            f"""
            UPDATE documents SET lease_expires_at = now() + make_interval(secs => :lease)
            WHERE id IN (SELECT d.id FROM documents d, {_MINE} FOR UPDATE OF d SKIP LOCKED)
            RETURNING id
            """
        ),
        {"lease": lease_seconds, **_fenced(claims)},
    )
    return len(renewed.all())


def release(session: Session, claims: Sequence[Claim], *, pause_seconds: float = 0.0) -> None:
    """Give documents back unharmed: not their fault, and no attempt of theirs."""
    _back_to_queue(session, claims, "attempts = d.attempts", pause_seconds)


def release_unknown(session: Session, worker: UUID) -> int:
    """Give back what a worker that holds nothing is said to hold; returns how many.

    That is a claim whose COMMIT was not answered: its lease would run out as if the worker had
    died.
    """
    released = session.execute(
        text(
            "UPDATE documents SET status = 'queued', worker_id = NULL, lease_expires_at = NULL "
            "WHERE worker_id = :worker AND status = 'running' RETURNING id"
        ),
        {"worker": worker},
    )
    return len(released.all())


def retry_later(session: Session, claims: Sequence[Claim], *, pause_seconds: float) -> None:
    """Give documents back after an error of their own."""
    _back_to_queue(session, claims, "attempts = d.attempts + 1", pause_seconds)


def _back_to_queue(
    session: Session, claims: Sequence[Claim], change: str, pause_seconds: float
) -> None:
    session.execute(
        text(
            f"UPDATE documents d SET status = 'queued', {change}, worker_id = NULL,"
            " lease_expires_at = NULL, not_before = now() + make_interval(secs => :pause)"
            f" FROM {_MINE}"
        ),
        {"pause": pause_seconds, **_fenced(claims)},
    )


def _fenced(claims: Iterable[Claim]) -> dict[str, list[object]]:
    claims = list(claims)
    return {"ids": [c.document for c in claims], "fences": [c.fence for c in claims]}

"""A tenant that sends faster than it is served is told to wait, before its body is read."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import TooManyRequests
from shared.tables import Batch

_RETRY_SECONDS = 30


def check_queue_depth(session: Session, most: int) -> None:
    """Raises TooManyRequests when the tenant has `most` unfinished documents or more.

    Needs a transaction of that tenant. One submission may go past the limit, none after it.
    """
    done = Batch.completed + Batch.failed + Batch.rejected + Batch.cancelled + Batch.expired
    unfinished = session.scalar(
        select(func.coalesce(func.sum(Batch.total - done), 0)).where(
            Batch.status.in_(("in_progress", "cancelling"))
        )
    )
    if unfinished is not None and unfinished >= most:
        raise TooManyRequests(
            f"{unfinished} documents wait already, and {most} may.",
            code="queue_full",
            retry_after_seconds=_RETRY_SECONDS,
            how_to_fix="Send the rest when some are done; the client and `epicrisis submit` wait "
            "by themselves.",
        )

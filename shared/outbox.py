"""Messages that commit together with what they speak of (transactional outbox)."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from shared.messages import MESSAGES, Message
from shared.tables import OutboxRow

CHANNEL = "epicrisis_outbox"
"""The NOTIFY channel that tells the dispatcher, at commit, that there is something to publish."""


def enqueue(session: Session, message: Message) -> None:
    """Publish `message` once this transaction has committed."""
    payload = message.model_dump(mode="json")
    # Inline: RETURNING would need to read the outbox, which the API may not.
    session.execute(insert(OutboxRow).inline().values(name=message.name, payload=payload))
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def claim_pending(session: Session, limit: int) -> Sequence[Message]:
    """Take up to `limit` messages out of the outbox, in order.

    They are gone when this transaction commits: publish before that, so that a failure keeps them.
    """
    oldest = (
        select(OutboxRow.id).order_by(OutboxRow.id).limit(limit).with_for_update(skip_locked=True)
    )
    taken = session.execute(
        delete(OutboxRow)
        .where(OutboxRow.id.in_(oldest))
        .returning(OutboxRow.id, OutboxRow.name, OutboxRow.payload)
    ).all()
    return [MESSAGES[row.name](**row.payload) for row in sorted(taken, key=lambda row: row.id)]

"""Which side of a split a document is on: by a hash of its text, so that it stays there.

The same text is on the same side at each attempt, on every worker, and when it is sent again.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.schemas.prompts import Arm
from shared.tables import PromptSplit

_WHOLE = 2**64


class Side(NamedTuple):
    """`arm`: number of the prompt version."""

    split: UUID
    arm: int


class Running(NamedTuple):
    id: UUID
    arms: Sequence[Arm]

    def side(self, document: UUID, text_mac: bytes | None) -> Side:
        """Of a document; one whose text has no digest goes by its id."""
        digest = hashlib.sha256(self.id.bytes + (text_mac or document.bytes)).digest()
        place = int.from_bytes(digest[:8]) * sum(arm.weight for arm in self.arms) // _WHOLE
        for arm in self.arms:
            place -= arm.weight
            if place < 0:
                break
        return Side(self.id, arm.version)


def running_splits(session: Session) -> dict[str, Running]:
    """Note type → the split that runs. Needs a transaction of the tenant."""
    rows = session.scalars(select(PromptSplit).where(PromptSplit.stopped_at.is_(None)))
    return {
        row.note_type: Running(row.id, [Arm.model_validate(arm) for arm in row.arms])
        for row in rows
    }

"""Between the ledger and the bell."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class OutboxRow(Table):
    """A message that the dispatcher still has to publish."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WorkerPresence(Table):
    """A worker that lives, and what keeps it from working."""

    __tablename__ = "workers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    queue: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    state: Mapped[str]
    """`loading`, `idle`, `busy`."""
    engine: Mapped[str | None]
    characters_per_second: Mapped[float | None]
    attention: Mapped[str | None]
    """An error code while something is wrong, with `attention_since`."""
    attention_since: Mapped[datetime | None]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())

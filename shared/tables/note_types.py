"""What a tenant says about its kinds of notes, beside or instead of what is shipped."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class TenantNoteType(Table):
    """A tenant's own note type, or its own version of a shipped one; `shared/note_types`."""

    __tablename__ = "note_types"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    codes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """`[{"system","code"}]`"""
    sections: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    """Titles of the sections to read first; empty: all alike."""
    shortest: Mapped[int]
    longest: Mapped[int]
    """Length of a summary in sentences, from and to."""
    languages: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    """BCP 47; empty: any."""
    style: Mapped[str] = mapped_column(server_default="paragraph")
    prompt_version: Mapped[str | None]
    policy: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """Finding → action, where it differs from what is shipped."""

"""Summarize again what a withdrawn version had summarized, as far as the texts are still kept."""

from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from shared.batches.submit_texts import InternalText, submit_texts
from shared.retention.queries import is_kept
from shared.schemas.batches import BatchParameters
from shared.tables import Document, DocumentContent, Replacement, Summary
from shared.vault import TenantVault

_PAGE = 200
_COLUMNS = (
    Document.id,
    Document.note_type,
    Document.language,
    Document.fallback,
    Document.warnings,
    DocumentContent.custom_id_sealed,
    DocumentContent.subject_sealed,
    DocumentContent.metadata_sealed,
    DocumentContent.text_sealed,
    select(func.array_agg(Replacement.target_mac))
    .where(Replacement.document_id == Document.id)
    .scalar_subquery()
    .label("replaces"),
)


def redo_summaries(session: Session, vault: TenantVault, version: str) -> UUID | None:
    """A batch of the documents whose summary is of `version`: `models:/visit/3`, or of a prompt.

    None: there is none.

    A document that is being summarized again already is left out, so that doing this twice makes
    nothing twice. What a later record withdrew is left out, too. Needs the vault's tenant.
    """
    texts = _texts(session, vault, version)
    first = next(texts, None)
    if first is None:
        return None
    parameters = BatchParameters(priority="bulk", metadata={"redo_of": version})
    return submit_texts(session, vault, chain([first], texts), parameters, purpose="summary")


def made_by(version: str) -> ColumnElement[bool]:
    """Whether a summary is of that version of a model or a prompt."""
    of_prompt = version.startswith("prompts:")
    return (Summary.prompt_version if of_prompt else Summary.model_version) == version


def _texts(session: Session, vault: TenantVault, version: str) -> Iterator[InternalText]:
    after: UUID | None = None
    query = _documents(version)
    while True:
        page = query if after is None else query.where(Document.id > after)
        rows = session.execute(page.limit(_PAGE)).all()
        if not rows:
            return
        yield from (_text(vault, row) for row in rows)
        after = rows[-1].id


def _documents(version: str) -> Select[*tuple[Any, ...]]:
    again = aliased(Document)
    return (
        select(*_COLUMNS)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .join(Summary, Summary.document_id == Document.id)
        .where(
            made_by(version),
            Document.purpose == "summary",
            Document.withdrawn_at.is_(None),
            DocumentContent.text_sealed.is_not(None),
            is_kept(Summary.document_id),
            ~exists().where(again.redo_of == Document.id),
        )
        .order_by(Document.id)
    )


def _text(vault: TenantVault, row: Row[*tuple[Any, ...]]) -> InternalText:
    """All that came with the document, but for its route: the version that it asked for is out."""

    def opened(field: str, sealed: bytes | None) -> str | None:
        return None if sealed is None else vault.open(sealed, row=row.id, field=field)

    return InternalText(
        custom_id=vault.open(row.custom_id_sealed, row=row.id, field="custom_id"),
        text=vault.open(row.text_sealed, row=row.id, field="text"),
        note_type=row.note_type,
        subject=opened("subject", row.subject_sealed),
        language=row.language,
        redo_of=row.id,
        fallback=row.fallback,
        metadata=opened("metadata", row.metadata_sealed),
        replaces=tuple(row.replaces or ()),
        warnings=tuple(row.warnings),
    )

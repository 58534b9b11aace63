"""Read results, summaries and texts. Needs a transaction of the asker's tenant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from shared.documents.replacements import Replacements, find_replacements
from shared.documents.withdrawn import find_recall, find_withdrawn
from shared.errors import NotFound
from shared.ids import first_id, public_id
from shared.retention.queries import is_kept, require_document, require_results
from shared.schemas.base import Page
from shared.schemas.batches import ResultError, ResultLine
from shared.schemas.summaries import (
    ListedSummary,
    ProducedBy,
    Review,
    ReviewState,
    SummaryAnswer,
    SummaryBody,
    Usage,
)
from shared.tables import Document, DocumentContent, Summary
from shared.vault import TenantVault

AnyRow = Row[*tuple[Any, ...]]
_COLUMNS = (
    Document.id.label("document_id"),
    Document.batch_id,
    Document.line,
    Document.note_type,
    Document.seq,
    Document.status,
    Document.warnings,
    Document.withdrawn_at,
    Document.error_code,
    Document.error_message,
    DocumentContent.custom_id_sealed,
    Summary,
)
_CLOCKS = timedelta(minutes=10)
"""A summary's id is a worker's time, `created_at` the database's; this is room enough."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """Where one document stands."""

    document: UUID
    batch: UUID
    status: str
    error_code: str | None
    summary: SummaryAnswer | None


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known of summaries beside what was written with them."""

    replacements: Replacements
    withdrawn: Mapping[str, datetime]
    """Version of a model or prompt → when it was withdrawn."""


@dataclass(frozen=True, slots=True)
class SummaryFilter:
    """Which summaries to list; None does not narrow it. `since` is included, `until` is not."""

    note_type: str | None = None
    model_version: str | None = None
    prompt_version: str | None = None
    review_state: ReviewState | None = None
    since: datetime | None = None
    until: datetime | None = None


def read_results(  # noqa: PLR0913 - a page has these coordinates
    session: Session,
    vault: TenantVault,
    batch: UUID,
    *,
    after: int,
    limit: int,
    status: str | None = None,
) -> list[ResultLine]:
    """A keyset page of the batch's results, by `seq`. Raises NotFound and Gone."""
    require_results(session, batch)
    query = (
        _with_summary()
        .where(Document.batch_id == batch, Document.seq > after)
        .order_by(Document.seq)
        .limit(limit)
    )
    if status is not None:
        query = query.where(Document.status == status)
    rows = session.execute(query).all()
    context = _context(session, [row.document_id for row in rows if row.Summary])
    return [_line(vault, row, context) for row in rows]


def get_state(session: Session, vault: TenantVault, document: UUID) -> DocumentState:
    """One document and, when it is there, its current summary. Raises NotFound and Gone."""
    require_document(session, document)
    row = session.execute(_with_summary().where(Document.id == document)).one_or_none()
    if row is None:
        raise NotFound("There is no such document.")
    context = _context(session, [document])
    return DocumentState(
        row.document_id,
        row.batch_id,
        row.status,
        row.error_code,
        _summary(vault, row, context),
    )


def get_summary(session: Session, vault: TenantVault, summary: UUID) -> SummaryAnswer:
    """Raises NotFound and Gone."""
    row = session.execute(_with_summary().where(Summary.id == summary)).one_or_none()
    if row is None:
        raise NotFound("There is no such summary.")
    require_document(session, row.document_id)
    answer = _summary(vault, row, _context(session, [row.document_id]))
    assert answer is not None  # noqa: S101 - the row was found by its summary
    return answer


def list_summaries(
    session: Session, vault: TenantVault, wanted: SummaryFilter, *, after: UUID | None, limit: int
) -> Page[ListedSummary]:
    """Newest first, past the summary `after`; those past their retention are left out.

    So are those made for an evaluation, unless a model version or their review state is asked for.
    """
    query = _narrow(select(Summary.id).where(is_kept(Summary.document_id)), wanted)
    if wanted.model_version is None and wanted.review_state is None:
        query = query.where(Summary.review_state != "excluded")
    if after is not None:
        query = query.where(Summary.id < after)
    found = session.scalars(query.order_by(Summary.id.desc()).limit(limit + 1)).all()
    shown = _with_summary().where(Summary.id.in_(found[:limit])).order_by(Summary.id.desc())
    rows = session.execute(shown).all()
    context = _context(session, [row.document_id for row in rows])
    return Page(data=[_listed(vault, row, context) for row in rows], has_more=len(found) > limit)


def get_text(session: Session, vault: TenantVault, document: UUID) -> str:
    """The document's text, to which the evidence offsets refer. Raises NotFound and Gone."""
    require_document(session, document)
    sealed = session.scalar(
        select(DocumentContent.text_sealed).where(DocumentContent.document_id == document)
    )
    if sealed is None:
        raise NotFound("There is no text of such a document.")
    return vault.open(sealed, row=document, field="text")


def document_of(session: Session, summary: UUID) -> UUID:
    """The document that a summary is of. Raises NotFound."""
    document = session.scalar(select(Summary.document_id).where(Summary.id == summary))
    if document is None:
        raise NotFound("There is no such summary.")
    return document


def documents_of(session: Session, batch: UUID) -> Sequence[UUID]:
    return session.scalars(select(Document.id).where(Document.batch_id == batch)).all()


def _context(session: Session, documents: Collection[UUID]) -> _Context:
    return _Context(find_replacements(session, documents), find_withdrawn(session))


def _with_summary() -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .outerjoin(Summary, Summary.document_id == Document.id)
    )


def _narrow(query: Select[UUID], wanted: SummaryFilter) -> Select[UUID]:
    equal = (
        (Summary.note_type, wanted.note_type),
        (Summary.model_version, wanted.model_version),
        (Summary.prompt_version, wanted.prompt_version),
        (Summary.review_state, wanted.review_state),
    )
    query = query.where(*(column == value for column, value in equal if value is not None))
    # By id as well, which the index is ordered by.
    if wanted.since is not None:
        query = query.where(
            Summary.created_at >= wanted.since, Summary.id >= first_id(wanted.since, -_CLOCKS)
        )
    if wanted.until is not None:
        query = query.where(
            Summary.created_at < wanted.until, Summary.id < first_id(wanted.until, _CLOCKS)
        )
    return query


def _listed(vault: TenantVault, row: AnyRow, context: _Context) -> ListedSummary:
    answer = _summary(vault, row, context)
    assert answer is not None  # noqa: S101 - the row was found by its summary
    return ListedSummary(
        **dict(answer),
        document_id=public_id("doc", row.document_id),
        note_type=row.Summary.note_type,
        created_at=row.Summary.created_at,
    )


def _line(vault: TenantVault, row: AnyRow, context: _Context) -> ResultLine:
    error = None
    if row.error_code is not None:
        error = ResultError(code=row.error_code, message=row.error_message or "", line=row.line)
    return ResultLine(
        seq=row.seq,
        custom_id=vault.open(row.custom_id_sealed, row=row.document_id, field="custom_id"),
        document_id=public_id("doc", row.document_id),
        note_type=row.note_type,
        status=row.status,
        summary=_summary(vault, row, context),
        error=error,
    )


def _summary(vault: TenantVault, row: AnyRow, context: _Context) -> SummaryAnswer | None:
    """The sealed body, opened, with the warnings of intake before its own."""
    summary: Summary | None = row.Summary
    if summary is None:
        return None
    body = SummaryBody.model_validate_json(
        vault.open(summary.body_sealed, row=summary.id, field="body")
    )
    replacements = context.replacements
    warning, recalled = find_recall(context.withdrawn, summary)
    return SummaryAnswer(
        **body.model_dump(exclude={"warnings"}),
        warnings=[*row.warnings, *body.warnings, *([warning] if warning else [])],
        id=public_id("sum", summary.id),
        produced_by=_produced_by(summary),
        usage=Usage.model_validate(summary, from_attributes=True),
        language=summary.language,
        replaces=_public(replacements.replaces.get(row.document_id)),
        superseded_by=_public(replacements.superseded_by.get(row.document_id)),
        withdrawn_at=row.withdrawn_at or recalled,
        reused_from=_public(summary.reused_from),
        review=Review.model_validate({"state": summary.review_state}),
    )


def _produced_by(summary: Summary) -> ProducedBy:
    made = ProducedBy.model_validate(summary, from_attributes=True)
    made.split = None if summary.split_id is None else public_id("split", summary.split_id)
    return made


def _public(summary: UUID | None) -> str | None:
    return None if summary is None else public_id("sum", summary)

"""The rows of a version of reviews: what its parent holds, and what was accepted and edited.

An edited summary is what a clinician wanted; an accepted one is a model's text, from which a model
can learn, but against which none may be measured: it never enters validation or test. Of a model
that has been withdrawn nobody learns, and so not of what was accepted of it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, delete, func, insert, literal, null, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.datasets.add import store_examples
from shared.documents.withdrawn import is_of_withdrawn
from shared.errors import Conflict
from shared.schemas.datasets import MADE
from shared.schemas.summaries import SummaryBody
from shared.tables import (
    DatasetMember,
    DatasetVersion,
    Document,
    DocumentContent,
    Review,
    Summary,
)
from shared.vault import TenantVault

AnyRow = Row[*tuple[Any, ...]]
FIRST = UUID(int=0)
"""What the first page of reviews comes after."""
_GIVEN_ANEW = ("reviewed", *MADE)
"""Kinds that are not copied: the reviews as they are now come in their place."""


def begin_collecting(session: Session, version: UUID, parent: UUID | None) -> int:
    """The parent's rows in place of what an earlier attempt has left; returns the last line.

    Raises Conflict for a parent that has been deleted. Needs a transaction of the tenant.
    """
    session.execute(delete(DatasetMember).where(DatasetMember.version_id == version))
    if parent is None:
        return 0
    if session.get_one(DatasetVersion, parent).deleted_at is not None:
        raise Conflict(
            "The version that this one was to extend has been deleted.", code="dataset_deleted"
        )
    _copy(session, parent, version)
    # What was overruled in the parent goes by lines, so none of its lines is given again.
    last = select(func.max(DatasetMember.line)).where(DatasetMember.version_id == parent)
    return session.scalar(last) or 0


def collect_page(  # noqa: PLR0913 - a page and where it goes
    session: Session,
    vault: TenantVault,
    version: UUID,
    note_type: str,
    *,
    line: int,
    after: UUID,
    limit: int,
) -> tuple[int, UUID]:
    """Add a page of reviewed summaries past this line and summary; returns how far it came.

    The group of an example is its document's subject, else its custom id. A page that comes no
    farther is the end. Needs a transaction of the vault's tenant.
    """
    page = session.execute(_reviewed(session, note_type, after).limit(limit)).all()
    if not page:
        return line, after
    _add(session, vault, version, page, line)
    return line + len(page), page[-1].summary_id


def has_reviews(session: Session, note_type: str) -> bool:
    """Whether there is one to collect. Needs a transaction of the tenant."""
    return session.execute(_reviewed(session, note_type, FIRST).limit(1)).first() is not None


def _copy(session: Session, parent: UUID, version: UUID) -> None:
    """Rows as they came in, to be curated and split again; a rejected one stays so."""
    member = DatasetMember
    rejected = member.decision == "reject"
    kept = {
        "version_id": literal(version),
        **{
            name: getattr(member, name)
            for name in (
                *("line", "tenant_id", "example_id", "note_type", "group_mac", "metadata_sealed"),
                *("permitted_use", "asked_split", "kind", "parent_line", "made_by"),
            )
        },
        **{
            name: case((rejected, getattr(member, name)), else_=null())
            for name in ("decision", "reason", "detail")
        },
    }
    session.execute(
        insert(member).from_select(
            list(kept),
            select(*kept.values()).where(
                member.version_id == parent, member.kind.not_in(_GIVEN_ANEW)
            ),
        )
    )


def _reviewed(session: Session, note_type: str, after: UUID) -> Select[*tuple[Any, ...]]:
    """By summary, the newest review of each: what a person wrote, and what was accepted."""
    newest = (
        select(Review.id, Review.summary_id, Review.verdict, Review.text_sealed)
        .ext(distinct_on(Review.summary_id))
        .where(Review.note_type == note_type, Review.summary_id > after)
        .order_by(Review.summary_id, Review.id.desc())
        .subquery()
    )
    accepted = (newest.c.verdict == "accepted") & ~is_of_withdrawn(session)
    return (
        select(
            newest.c.summary_id,
            newest.c.id.label("review_id"),
            newest.c.verdict,
            newest.c.text_sealed.label("edited_sealed"),
            Summary.body_sealed,
            Document.id.label("document_id"),
            Document.note_type,
            Document.subject_mac,
            Document.custom_id_mac,
            DocumentContent.text_sealed,
        )
        .join(Summary, Summary.id == newest.c.summary_id)
        .join(Document, Document.id == Summary.document_id)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .where((newest.c.verdict == "edited") | accepted, Document.withdrawn_at.is_(None))
        .order_by(newest.c.summary_id)
    )


def _add(
    session: Session,
    vault: TenantVault,
    version: UUID,
    page: Sequence[AnyRow],
    line: int,
) -> None:
    pairs = [(_source(vault, row), _target(vault, row)) for row in page]
    examples = store_examples(session, vault, pairs)
    session.execute(
        insert(DatasetMember),
        [
            {
                "version_id": version,
                "line": line + place,
                "tenant_id": vault.tenant,
                "example_id": example,
                "note_type": row.note_type,
                "group_mac": row.subject_mac or row.custom_id_mac,
                "permitted_use": "training",
                "kind": "reviewed",
                "made_by": row.verdict,
            }
            for place, (row, example) in enumerate(zip(page, examples, strict=True), start=1)
        ],
    )


def _source(vault: TenantVault, row: AnyRow) -> str:
    return vault.open(row.text_sealed, row=row.document_id, field="text")


def _target(vault: TenantVault, row: AnyRow) -> str:
    if row.edited_sealed is not None:
        return vault.open(row.edited_sealed, row=row.review_id, field="text")
    body = vault.open(row.body_sealed, row=row.summary_id, field="body")
    return SummaryBody.model_validate_json(body).text

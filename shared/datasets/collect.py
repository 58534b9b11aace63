"""A version of what reviewers have accepted and edited.

An edited summary is what a clinician wanted; an accepted one is a model's text, from which a model
can learn, but against which none may be measured: it never enters validation or test.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from shared.datasets.add import Provenance, begin_version, store_examples, submit_version
from shared.errors import InvalidInput
from shared.schemas.datasets import Curation, DeriveRequest, Recipe, SplitShares
from shared.schemas.summaries import SummaryBody
from shared.tables import DatasetMember, Document, DocumentContent, Review, Summary
from shared.vault import TenantVault

AnyRow = Row[*tuple[Any, ...]]
_PAGE = 200
_ORIGIN = "reviewed summaries"
REVIEWS = "reviews"
"""What a request derives from where it means these."""


def collect_reviews(session: Session, vault: TenantVault, name: str, request: DeriveRequest) -> int:
    """The number of the new version. Needs a transaction of the vault's tenant.

    The group of an example is its document's subject, else its custom id. Raises InvalidInput
    where nobody has accepted or edited a summary of the note type.
    """
    if request.note_type is None:
        raise InvalidInput(
            "A version of reviews is of one note type.",
            code="missing_note_type",
            param="note_type",
            how_to_fix="Name the note type whose reviewed summaries are wanted.",
        )
    if request.overrule:
        raise InvalidInput(
            "The lines of a version of reviews are not known before it is made.",
            code="unknown_line",
            param="overrule",
            how_to_fix="Make the version, then derive from it.",
        )
    note_type = request.note_type
    provenance = Provenance(note_type, _ORIGIN, None, "training", holds_patient_data=True)
    recipe = Recipe(
        curation=request.curation or Curation(),
        augment=request.augment,
        shares=request.shares or SplitShares(),
        allow_leakage=request.allow_leakage,
    )
    version = begin_version(session, vault.tenant, name, provenance, recipe)
    if not add_reviews(session, vault, version, note_type):
        raise InvalidInput(
            "No summary of this note type has been accepted or edited.",
            code="no_reviews",
            how_to_fix="`epicrisis review next` offers summaries to review.",
        )
    return submit_version(session, version)


def add_reviews(
    session: Session, vault: TenantVault, version: UUID, note_type: str, *, line: int = 0
) -> int:
    """How many accepted and edited summaries were added to the version, past this line."""
    first, after = line, UUID(int=0)
    while page := _reviewed(session, note_type, after):
        _add(session, vault, version, page, line)
        line, after = line + len(page), page[-1].summary_id
    return line - first


def _reviewed(session: Session, note_type: str, after: UUID) -> Sequence[AnyRow]:
    """A keyset page, by summary, of the newest review of each that was not rejected."""
    newest = (
        select(Review.id, Review.summary_id, Review.verdict, Review.text_sealed)
        .ext(distinct_on(Review.summary_id))
        .where(Review.note_type == note_type, Review.summary_id > after)
        .order_by(Review.summary_id, Review.id.desc())
        .subquery()
    )
    return session.execute(
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
        .where(newest.c.verdict != "rejected", Document.withdrawn_at.is_(None))
        .order_by(newest.c.summary_id)
        .limit(_PAGE)
    ).all()


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

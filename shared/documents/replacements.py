"""Which summary replaces which.

As FHIR's `relatesTo replaces` of their documents says, or since a document was summarized again
after the model of its summary had been withdrawn.

Asked when summaries are read rather than written down with them, so that the two notes may come,
and be summarized, in either order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_REPLACED = text(
    """
    SELECT DISTINCT ON (document) document, summary FROM (
        SELECT r.document_id AS document, s.id AS summary, false AS again
        FROM replacements r
        JOIN documents d ON d.tenant_id = r.tenant_id AND d.custom_id_mac = r.target_mac
        JOIN summaries s ON s.document_id = d.id
        WHERE r.document_id = ANY(:documents)
        UNION ALL
        SELECT d.id, s.id, true
        FROM documents d JOIN summaries s ON s.document_id = d.redo_of
        WHERE d.id = ANY(:documents)
    ) found
    ORDER BY document, again DESC, summary DESC
    """
)
_REPLACED_BY = text(
    """
    SELECT DISTINCT ON (document) document, summary FROM (
        SELECT d.id AS document, s.id AS summary, false AS again
        FROM documents d
        JOIN replacements r ON r.tenant_id = d.tenant_id AND r.target_mac = d.custom_id_mac
        JOIN summaries s ON s.document_id = r.document_id
        WHERE d.id = ANY(:documents)
        UNION ALL
        SELECT d.redo_of, s.id, true
        FROM documents d JOIN summaries s ON s.document_id = d.id
        WHERE d.redo_of = ANY(:documents)
    ) found
    ORDER BY document, again DESC, summary DESC
    """
)


@dataclass(frozen=True, slots=True)
class Replacements:
    """Document → summary; where there are several its own of before or after, else the newest."""

    replaces: dict[UUID, UUID]
    """The summary that the document's own replaces …"""
    superseded_by: dict[UUID, UUID]
    """… and the one that replaces it."""


def find_replacements(session: Session, documents: Collection[UUID]) -> Replacements:
    """Needs a transaction of the documents' tenant."""
    asked = {"documents": list(documents)}
    replaced, by = session.execute(_REPLACED, asked), session.execute(_REPLACED_BY, asked)
    return Replacements(
        replaces={row[0]: row[1] for row in replaced},
        superseded_by={row[0]: row[1] for row in by},
    )

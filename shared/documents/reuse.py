"""`reuse=same_version`: an unchanged text keeps the summary that it has already.

Unchanged is the same text of the same subject (without one: of the same custom id) and note type,
summarized the way that it would be summarized now, by production or as its sender asks.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.documents.complete import Summarized
from shared.documents.ledger import Claim
from shared.master_keys import Unreadable
from shared.schemas.summaries import ProducedBy, SummaryBody, Usage
from shared.vault import TenantVault

_SAME = """
    FROM unnest(
        CAST(:documents AS uuid[]), CAST(:routes AS text[]), CAST(:models AS text[]),
        CAST(:prompts AS text[])
    ) AS now (document, route, model_version, prompt_version)
    JOIN documents d ON d.id = now.document
    JOIN documents earlier ON earlier.tenant_id = d.tenant_id AND earlier.id <> d.id
         AND earlier.note_type = d.note_type AND earlier.text_mac = d.text_mac
         AND earlier.withdrawn_at IS NULL AND earlier.purpose = 'summary' AND {same}
    JOIN summaries s ON s.document_id = earlier.id AND s.route = now.route
         AND s.model_version IS NOT DISTINCT FROM now.model_version
         AND s.prompt_version IS NOT DISTINCT FROM now.prompt_version
         AND NOT EXISTS (
             SELECT FROM model_versions m WHERE m.status = 'withdrawn'
             AND 'models:/' || m.note_type || '/' || m.number = s.model_version)
"""
_COLUMNS = """
    now.document, s.id, s.route, s.reason, s.model_version, s.prompt_version, s.language,
    s.body_sealed
"""
# Two selects rather than an OR, each with an index of its own.
_FIND = text(
    f"""
    SELECT DISTINCT ON (document) * FROM (
        SELECT {_COLUMNS} {_SAME.format(same="earlier.subject_mac = d.subject_mac")}
        UNION ALL
        SELECT {_COLUMNS} {
        _SAME.format(
            same="d.subject_mac IS NULL AND earlier.subject_mac IS NULL "
            "AND earlier.custom_id_mac = d.custom_id_mac"
        )
    }
    ) found
    ORDER BY document, id DESC
    """
)


def find_reusable(
    session: Session,
    vault: TenantVault,
    claims: Sequence[Claim],
    production: Mapping[UUID, ProducedBy],
) -> list[Summarized]:
    """Results for those claims of one tenant whose summary exists; they cost no tokens.

    `production`: document → how it would be summarized now. Needs a transaction of the tenant.
    """
    asked = [c for c in claims if c.reuse == "same_version" and c.document in production]
    if not asked:
        return []
    ways = [production[c.document] for c in asked]
    rows = session.execute(
        _FIND,
        {
            "documents": [c.document for c in asked],
            "routes": [way.route for way in ways],
            "models": [way.model_version for way in ways],
            "prompts": [way.prompt_version for way in ways],
        },
    )
    by_document = {c.document: c for c in asked}
    found = (_summarized(vault, by_document[row.document], row) for row in rows)
    return [result for result in found if result is not None]


def _summarized(vault: TenantVault, claim: Claim, row: Row[*tuple[Any, ...]]) -> Summarized | None:
    """None for a summary that does not open: the document gets one of its own."""
    try:
        body = vault.open(row.body_sealed, row=row.id, field="body")
    except Unreadable:
        return None
    return Summarized(
        claim,
        SummaryBody.model_validate_json(body),
        ProducedBy.model_validate(row, from_attributes=True),
        Usage(input_tokens=0, output_tokens=0),
        language=row.language,
        reused_from=row.id,
    )

"""The asker's audit: what was done, and whether it stands as it was written."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from services.api.dependencies import CanAudit, ServicesDep
from shared.audit.queries import Filter, list_events
from shared.audit.verify import verify
from shared.config import AuditSettings
from shared.schemas.audit import AuditEventAnswer, AuditVerification
from shared.schemas.base import Page

router = APIRouter(tags=["audit"])
_Name = Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_.]+$")]


@router.get("/audit")
def events(  # noqa: PLR0913 - what a request has
    services: ServicesDep,
    principal: CanAudit,
    object: _Name = None,  # noqa: A002 - the parameter's name
    actor: _Name = None,
    action: _Name = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: str | None = None,
) -> Page[AuditEventAnswer]:
    """Newest first; of a document or summary also what was done to its batch as a whole."""
    wanted = Filter(object, actor, action, since, until)
    with services.database.transaction(principal.tenant) as session:
        return list_events(session, wanted, limit=limit, after=after)


@router.get("/audit/verify")
def verification(services: ServicesDep, principal: CanAudit) -> AuditVerification:
    """Check every row, the chain and the anchors; takes seconds for a hundred thousand events."""
    with services.database.transaction(principal.tenant) as session:
        return verify(session, services.vault, principal.tenant, AuditSettings().audit_anchor)

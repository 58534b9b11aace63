"""What a route needs: the asker, the database, the vault."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from services.api.rate_limit import RateLimit
from services.api.uploads import Uploads
from shared.access.keys import authenticate
from shared.access.principal import Principal
from shared.access.tenants import open_vault
from shared.audit.record import record
from shared.config import IntakeSettings
from shared.database import Database, set_for_transaction
from shared.errors import Forbidden
from shared.schemas.access import Scope
from shared.vault import TenantVault, Vault

_bearer = HTTPBearer(auto_error=False, description="An API key: `Bearer epk_…`")


@dataclass(frozen=True)
class Services:
    """What `create_app` made."""

    database: Database
    vault: Vault
    intake: IntakeSettings
    rate: RateLimit
    uploads: Uploads
    waits: BoundedSemaphore
    """Requests with `Prefer: wait` may hold only a share of the threads."""

    @contextmanager
    def tenant(self, principal: Principal) -> Iterator[tuple[Session, TenantVault]]:
        """A transaction of the asker's tenant, and its vault."""
        with self.database.transaction(principal.tenant) as session:
            yield session, open_vault(session, self.vault, principal.tenant)

    def audit(
        self,
        session: Session,
        principal: Principal,
        action: str,
        *objects: str,
        affected: UUID | None = None,
        **details: str | int | None,
    ) -> None:
        """Write down what the asker does, in the transaction that does it.

        What is done to another tenant stands in the audit of `affected`, too; the transaction is
        the asker's from then on.
        """
        # An id is as valid in capitals, and one that was asked for is found in small letters.
        names = [name.lower() for name in objects]
        if affected is not None and affected != principal.tenant:
            set_for_transaction(session, "tenant", str(affected))
            record(session, self.vault, affected, principal.actor, action, names, details)
        if affected is not None:
            set_for_transaction(session, "tenant", str(principal.tenant))
        record(session, self.vault, principal.tenant, principal.actor, action, names, details)

    def require(self, principal: Principal, scope: Scope) -> None:
        """Raises Forbidden without `scope`, and writes that down."""
        try:
            principal.require(scope)
        except Forbidden:
            with self.database.transaction(principal.tenant) as session:
                self.audit(session, principal, "access.denied", scope=scope)
            raise


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]


class Access:
    """Who asks, if they hold `scope`: the one authorization of a route."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(
        self,
        services: ServicesDep,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Principal:
        with services.database.transaction() as session:
            principal = authenticate(session, credentials.credentials if credentials else "")
        services.rate.take(principal.tenant)
        services.require(principal, self.scope)
        return principal


CanSubmit = Annotated[Principal, Depends(Access("batches:write"))]
CanSeeBatches = Annotated[Principal, Depends(Access("batches:read"))]
CanReadSummaries = Annotated[Principal, Depends(Access("summaries:read"))]
CanReview = Annotated[Principal, Depends(Access("reviews:write"))]
CanAudit = Annotated[Principal, Depends(Access("audit:read"))]
CanAdminister = Annotated[Principal, Depends(Access("admin"))]
CanReadDatasets = Annotated[Principal, Depends(Access("datasets:read"))]
CanWriteDatasets = Annotated[Principal, Depends(Access("datasets:write"))]
CanReadModels = Annotated[Principal, Depends(Access("models:read"))]
CanPromote = Annotated[Principal, Depends(Access("models:promote"))]
CanWritePrompts = Annotated[Principal, Depends(Access("prompts:write"))]
CanReadTraining = Annotated[Principal, Depends(Access("training:read"))]
CanTrain = Annotated[Principal, Depends(Access("training:write"))]

"""What a route needs: the asker, the database, the vault."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from shared.access.keys import authenticate
from shared.access.principal import Principal
from shared.access.tenants import open_vault
from shared.audit.record import record
from shared.config import IntakeSettings
from shared.database import Database
from shared.schemas.access import Scope
from shared.vault import TenantVault, Vault

_bearer = HTTPBearer(auto_error=False, description="An API key: `Bearer epk_…`")


@dataclass(frozen=True)
class Services:
    """What `create_app` made."""

    database: Database
    vault: Vault
    intake: IntakeSettings
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
        **details: str | float | None,
    ) -> None:
        """Write down what the asker does, in the transaction that does it."""
        record(session, self.vault, principal.tenant, principal.actor, action, objects, details)


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
        principal.require(self.scope)
        return principal


CanSubmit = Annotated[Principal, Depends(Access("batches:write"))]
CanSeeBatches = Annotated[Principal, Depends(Access("batches:read"))]
CanReadSummaries = Annotated[Principal, Depends(Access("summaries:read"))]
CanAdminister = Annotated[Principal, Depends(Access("admin"))]

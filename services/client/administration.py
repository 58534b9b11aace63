"""What an operator asks of the API: tenants, keys, clients, the vault, subjects, the audit."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.client.wire import Call, Wire, known, read
from shared.schemas.access import (
    ClientAnswer,
    ClientRequest,
    Jwks,
    KeyAnswer,
    KeyRequest,
    KeyRotation,
    ShredRequest,
    TenantAnswer,
    TenantRequest,
    VaultRotation,
)
from shared.schemas.audit import AuditEventAnswer, AuditVerification
from shared.schemas.base import Page
from shared.schemas.retention import Erasure, SubjectRequest, TenantSettings

_PAGE = 100
_VERIFY_SECONDS = 3600.0


class Administration:
    """The part of `Epicrisis` that wants the scopes `admin` or `audit:read`."""

    _wire: Wire

    def create_tenant(self, name: str) -> TenantAnswer:
        return self._wire.post("/v1/tenants", TenantAnswer, TenantRequest(name=name))

    def tenants(self) -> Iterator[TenantAnswer]:
        return self._all("/v1/tenants", Page[TenantAnswer])

    def suspend_tenant(self, name: str) -> TenantAnswer:
        return self._wire.post(f"/v1/tenants/{name}/suspend", TenantAnswer)

    def resume_tenant(self, name: str) -> TenantAnswer:
        return self._wire.post(f"/v1/tenants/{name}/resume", TenantAnswer)

    def configure_tenant(self, name: str, settings: TenantSettings) -> TenantAnswer:
        """Set those members of `settings` that were given."""
        call = Call(
            "PATCH",
            f"/v1/tenants/{name}",
            repeatable=True,
            json=settings.model_dump(mode="json", exclude_unset=True),
        )
        return read(self._wire.send(call), TenantAnswer)

    def erase_subject(self, subject: str, *, tenant: str | None = None) -> Erasure:
        """Erase every document that was submitted with this subject, and what came of it.

        Of `tenant`, else of the key's own.
        """
        request = SubjectRequest(subject=subject, tenant=tenant)
        body = request.model_dump(mode="json", exclude_none=True)
        call = Call("DELETE", "/v1/subjects", repeatable=False, json=body)
        return read(self._wire.send(call), Erasure)

    def create_key(self, request: KeyRequest) -> KeyAnswer:
        """A new key; `key` of the answer is shown this once."""
        return self._wire.post("/v1/keys", KeyAnswer, request)

    def keys(self) -> Iterator[KeyAnswer]:
        return self._all("/v1/keys", Page[KeyAnswer])

    def rotate_key(self, key_id: str, *, overlap_seconds: int = 0) -> KeyAnswer:
        """The same key anew; the old one opens nothing after the overlap."""
        body = KeyRotation(overlap_seconds=overlap_seconds)
        return self._wire.post(f"/v1/keys/{key_id}/rotate", KeyAnswer, body)

    def revoke_key(self, key_id: str) -> KeyAnswer:
        return self._wire.post(f"/v1/keys/{key_id}/revoke", KeyAnswer)

    def create_client(self, request: ClientRequest) -> ClientAnswer:
        return self._wire.post("/v1/clients", ClientAnswer, request)

    def clients(self) -> Iterator[ClientAnswer]:
        return self._all("/v1/clients", Page[ClientAnswer])

    def replace_client_keys(self, client_id: str, keys: Jwks) -> ClientAnswer:
        """Replace them; for an overlap give the old ones with the new."""
        call = Call(
            "PUT",
            f"/v1/clients/{client_id}/jwks",
            repeatable=True,
            json=keys.model_dump(mode="json"),
        )
        return read(self._wire.send(call), ClientAnswer)

    def revoke_client(self, client_id: str) -> ClientAnswer:
        return self._wire.post(f"/v1/clients/{client_id}/revoke", ClientAnswer)

    def rotate_vault(self) -> VaultRotation:
        """Wrap all tenants' keys under the master key that stands first now."""
        return self._wire.post("/v1/vault/rotate", VaultRotation)

    def shred_tenant(self, name: str) -> TenantAnswer:
        """Destroy the tenant's data key. What was sealed under it stays unreadable for good."""
        body = ShredRequest(confirm=name)
        return self._wire.post(f"/v1/tenants/{name}/shred", TenantAnswer, body)

    # Audit

    def audit(  # noqa: PLR0913 - the filters of one list
        self,
        *,
        object: str | None = None,  # noqa: A002 - the parameter's name
        actor: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = _PAGE,
        after: str | None = None,
    ) -> Page[AuditEventAnswer]:
        """A page of accesses and changes, newest first; times with an offset."""
        params = {"object": object, "actor": actor, "action": action, "limit": limit}
        params |= {"after": after, "from": since.isoformat() if since else None}
        params |= {"to": until.isoformat() if until else None}
        return self._wire.get("/v1/audit", Page[AuditEventAnswer], known(params))

    def verify_audit(self) -> AuditVerification:
        """Check the whole audit, which takes a minute for a million events or so."""
        call = Call("GET", "/v1/audit/verify", repeatable=True, timeout=_VERIFY_SECONDS)
        return read(self._wire.send(call), AuditVerification)

    def _all(self, path: str, page_type: type[Page[Any]]) -> Iterator[Any]:
        """Every item of a list, page by page."""
        after: str | None = None
        while True:
            page = self._wire.get(path, page_type, known({"limit": _PAGE, "after": after}))
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = page.data[-1].id

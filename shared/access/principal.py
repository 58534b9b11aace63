"""Who asks."""

from dataclasses import dataclass
from uuid import UUID

from shared.errors import Forbidden
from shared.ids import public_id


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a valid credential. The tenant comes from here and from nowhere else."""

    tenant: UUID
    key: UUID
    scopes: frozenset[str]
    client: UUID | None = None
    """Whose access token this is, unless it is an API key."""

    @property
    def actor(self) -> str:
        """As the audit names it."""
        return public_id("client", self.client) if self.client else public_id("key", self.key)

    def require(self, scope: str) -> None:
        """Raises Forbidden without `scope`."""
        if scope not in self.scopes:
            raise Forbidden(
                f"This key lacks the scope {scope}.",
                code="scope_missing",
                how_to_fix=f"Ask an administrator for a key with --scope {scope}.",
            )

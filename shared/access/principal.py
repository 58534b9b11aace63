"""Who asks."""

from dataclasses import dataclass
from uuid import UUID

from shared.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a valid credential. The tenant comes from here and from nowhere else."""

    tenant: UUID
    key: UUID
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raises Forbidden without `scope`."""
        if scope not in self.scopes:
            raise Forbidden(
                f"This key lacks the scope {scope}.",
                code="scope_missing",
                how_to_fix=f"Ask an administrator for a key with --scope {scope}.",
            )

"""Put a version into production, through the gate."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.registry.change import change_production, check_expected, lock_production
from shared.registry.gate import GateNotPassed, how_to_pass, read_gate
from shared.registry.kinds import Kind, V
from shared.registry.queries import find_version
from shared.schemas.registry import Parity, ProductionAnswer
from shared.tables import ModelVersion
from shared.tables.registry import Version


def promote(  # noqa: PLR0913 - what a promotion consists of
    session: Session,
    kind: Kind[V],
    *,
    tenant: UUID,
    note_type: str,
    version: int,
    reason: str,
    actor: str,
    override: bool = False,
    expected_production: int | None = None,
) -> ProductionAnswer:
    """Every claim begun after the commit uses it. Needs a transaction of the tenant.

    `override` promotes it through a gate that it does not pass, which is written down. Raises
    NotFound, GateNotPassed, and Conflict for a version that may not serve or serves already.
    """
    production = lock_production(session, kind, tenant, note_type)
    found = find_version(session, kind, note_type, version)
    check_expected(session, kind, production, expected_production)
    _check_may_serve(found)
    if production.version_id == found.id:
        raise Conflict("This version is in production already.", code="already_in_production")
    gate = read_gate(session, kind, found)
    if not gate.passed and not override:
        raise GateNotPassed(gate, how_to_pass(session, found, gate))
    return change_production(
        session,
        kind,
        production,
        "promote",
        found,
        reason=reason,
        actor=actor,
        gate=gate,
        override=override and not gate.passed,
    )


def _check_may_serve(version: Version) -> None:
    if version.status == "withdrawn":
        raise Conflict("This version has been withdrawn.", code="version_withdrawn")
    if not isinstance(version, ModelVersion):
        return
    if version.status != "ready" or not Parity.model_validate(version.parity).passed:
        raise Conflict(
            "This version cannot serve: its files or their fast form are not what they should be.",
            code="version_unusable",
            how_to_fix="Train it again.",
        )

"""The verbs that models and prompts share: what serves, how that changes, and what served when."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from services.api.dependencies import CanPromote, CanReadModels, Services, ServicesDep
from services.api.routes.paging import Limit
from shared.access.principal import Principal
from shared.access.tenants import open_vault
from shared.ids import public_id
from shared.prompts.add import ensure_shipped
from shared.prompts.split import stop_without
from shared.registry.demote import demote
from shared.registry.history import read_history
from shared.registry.kinds import MODELS, PROMPTS, Kind, V
from shared.registry.promote import promote
from shared.registry.redo import redo_summaries
from shared.registry.require import require_note_type
from shared.registry.rollback import roll_back
from shared.registry.withdraw import withdraw
from shared.schemas.note_types import NAME_PATTERN
from shared.schemas.registry import (
    ChangeRequest,
    HistoryAnswer,
    ProductionAnswer,
    PromoteRequest,
    WithdrawRequest,
)

NoteType = Annotated[str, Path(pattern=NAME_PATTERN)]
Number = Annotated[int, Path(ge=1, le=999_999_999)]


def registry_routes(kind: Kind[V]) -> APIRouter:
    """`/models/…` or `/prompts/…`."""
    router = APIRouter(prefix=f"/{kind.versions.PREFIX}", tags=[kind.versions.PREFIX])
    verbs = _Verbs(kind)

    @router.get("/{note_type}/history")
    def history(  # noqa: PLR0913 - what a request has
        note_type: NoteType,
        services: ServicesDep,
        principal: CanReadModels,
        at: Annotated[AwareDatetime | None, Query(description="What served then.")] = None,
        limit: Limit = 100,
        after: Annotated[int | None, Query(ge=1)] = None,
    ) -> HistoryAnswer:
        """What served when, newest first; `after` is the `seq` of a line."""
        with services.database.transaction(principal.tenant) as session:
            require_note_type(session, kind, note_type)
            return read_history(session, kind, note_type, at=at, after=after, limit=limit)

    @router.post("/{note_type}/promote")
    def promote_version(
        note_type: NoteType, body: PromoteRequest, services: ServicesDep, principal: CanPromote
    ) -> ProductionAnswer:
        """Put a version into production, through the gate or, with `override`, past it.

        409 `gate_not_passed` carries the gate's table as `gate`.
        """
        return verbs.promote(services, principal, note_type, body)

    @router.post("/{note_type}/rollback")
    def roll_back_production(
        note_type: NoteType,
        services: ServicesDep,
        principal: CanPromote,
        body: ChangeRequest | None = None,
    ) -> ProductionAnswer:
        """What served before serves again."""
        return verbs.roll_back(services, principal, note_type, body or ChangeRequest())

    @router.post("/{note_type}/demote")
    def demote_production(
        note_type: NoteType,
        services: ServicesDep,
        principal: CanPromote,
        body: ChangeRequest | None = None,
    ) -> ProductionAnswer:
        """What is in production is so no more: what serves without a version does."""
        return verbs.demote(services, principal, note_type, body or ChangeRequest())

    @router.post("/{note_type}/versions/{version}/withdraw")
    def withdraw_version(
        note_type: NoteType,
        version: Number,
        body: WithdrawRequest,
        services: ServicesDep,
        principal: CanPromote,
    ) -> ProductionAnswer:
        """Take a version out for good; its summaries say so, and with `redo` are made again.

        It stops serving before anything is made again. Asked once more with `redo`, what is not yet
        being made again is.
        """
        return verbs.withdraw(services, principal, note_type, version, body)

    return router


class _Verbs:
    """Each in transactions of the asker's tenant, and written down."""

    def __init__(self, kind: Kind[V]) -> None:
        self._kind: Kind[V] = kind
        self._noun = kind.versions.PREFIX.removesuffix("s")

    def promote(
        self, services: Services, principal: Principal, note_type: str, body: PromoteRequest
    ) -> ProductionAnswer:
        with services.database.transaction(principal.tenant) as session:
            require_note_type(session, self._kind, note_type)
            if self._kind is PROMPTS:
                vault = open_vault(session, services.vault, principal.tenant)
                ensure_shipped(session, vault, note_type)
            answer = promote(
                session,
                self._kind,
                tenant=principal.tenant,
                note_type=note_type,
                version=body.version,
                reason=body.reason,
                actor=principal.actor,
                override=body.override,
                expected_production=body.expected_production,
            )
            passed = answer.gate is not None and answer.gate.passed
            gate = "passed" if passed else "overridden"
            self._write_down(services, session, principal, "promote", answer, gate)
        return answer

    def roll_back(
        self, services: Services, principal: Principal, note_type: str, body: ChangeRequest
    ) -> ProductionAnswer:
        with services.database.transaction(principal.tenant) as session:
            require_note_type(session, self._kind, note_type)
            answer = roll_back(
                session,
                self._kind,
                tenant=principal.tenant,
                note_type=note_type,
                reason=body.reason,
                actor=principal.actor,
            )
            self._write_down(services, session, principal, "rollback", answer)
        return answer

    def demote(
        self, services: Services, principal: Principal, note_type: str, body: ChangeRequest
    ) -> ProductionAnswer:
        with services.database.transaction(principal.tenant) as session:
            require_note_type(session, self._kind, note_type)
            answer = demote(
                session,
                self._kind,
                tenant=principal.tenant,
                note_type=note_type,
                reason=body.reason,
                actor=principal.actor,
            )
            self._write_down(services, session, principal, "demote", answer)
        return answer

    def withdraw(
        self,
        services: Services,
        principal: Principal,
        note_type: str,
        version: int,
        body: WithdrawRequest,
    ) -> ProductionAnswer:
        name = f"{self._kind.versions.PREFIX}:/{note_type}/{version}"
        with services.database.transaction(principal.tenant) as session:
            require_note_type(session, self._kind, note_type)
            answer = withdraw(
                session,
                self._kind,
                tenant=principal.tenant,
                note_type=note_type,
                version=version,
                reason=body.reason,
                actor=principal.actor,
                again=body.redo,
            )
            if self._kind is PROMPTS:
                stop_without(session, note_type, version)
            services.audit(
                session,
                principal,
                f"{self._noun}.withdraw",
                name,
                serves=answer.version,
                summaries=answer.summaries_withdrawn,
            )
        if body.redo:
            with services.tenant(principal) as (session, vault):
                batch = redo_summaries(session, vault, name)
                if batch is not None:
                    answer.redo_batch = public_id("batch", batch)
                    services.audit(
                        session, principal, "batch.create", answer.redo_batch, redo_of=name
                    )
        return answer

    def _write_down(  # noqa: PLR0913 - what is written down
        self,
        services: Services,
        session: Session,
        principal: Principal,
        verb: str,
        answer: ProductionAnswer,
        gate: str | None = None,
    ) -> None:
        """Whatever served before and serves from now on; the history has the reason."""
        names = [name for name in (answer.version, answer.before) if name is not None]
        services.audit(
            session,
            principal,
            f"{self._noun}.{verb}",
            *names,
            note_type=answer.note_type,
            serves=answer.version,
            gate=gate,
        )


model_verbs, prompt_verbs = registry_routes(MODELS), registry_routes(PROMPTS)

"""Ask for a base: a row in the ledger, which the training worker imports."""

import re
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import outbox
from shared.bases.queries import find_base
from shared.errors import Conflict, InvalidInput
from shared.ids import new_id
from shared.messages import TrainingQueued
from shared.schemas.training import BASE_NAME, BaseRequest
from shared.tables import Base

_PATH = re.compile(r"[./~\\]")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def request_base(session: Session, tenant: UUID, request: BaseRequest) -> Base:
    """The base of that name, queued unless it is there; one that failed is tried again.

    Raises InvalidInput for a source or name of no known form, and Conflict for a name that another
    source has.
    """
    name = request.name or name_of(request.source)
    session.execute(
        insert(Base)
        .values(
            id=new_id(),
            tenant_id=tenant,
            name=name,
            source=request.source,
            status="queued",
            licence=request.licence,
            languages=request.languages,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "name"])
    )
    base = session.scalars(select(Base).where(Base.name == name).with_for_update()).one()
    if base.status == "failed":
        _queue_again(base, request)
    elif base.source != request.source:
        raise Conflict(
            "There is a base of this name from another source.",
            code="base_exists",
            param="name",
            how_to_fix="Give it another name.",
        )
    if base.status == "queued":
        outbox.enqueue(session, TrainingQueued())
    session.flush()
    return base


def ensure_base(session: Session, tenant: UUID, source: str) -> Base:
    """The base that `source` names: by its own name where it has been imported, else asked for."""
    return find_base(session, source) or request_base(session, tenant, BaseRequest(source=source))


def is_directory(source: str) -> bool:
    """Whether it names a directory, and no hub id."""
    return _PATH.match(source) is not None


def name_of(source: str) -> str:
    """The name that a base has where none is given: the hub id, or the directory's name.

    Raises InvalidInput.
    """
    name = source
    if is_directory(source):
        name = _NO_NAME.sub("-", PurePath(source).name).strip("-._")
    if re.fullmatch(BASE_NAME, name) is None:
        raise InvalidInput(
            "The source is neither a hub id nor a directory nor packaged:smollm2.",
            code="invalid_base",
            param="source",
            how_to_fix="Such as sshleifer/distilbart-cnn-12-6, or /models/distilbart.",
        )
    return name


def _queue_again(base: Base, request: BaseRequest) -> None:
    base.status, base.attempts, base.source = "queued", 0, request.source
    base.licence, base.languages = request.licence, request.languages
    base.error_code = base.error_message = base.error_fix = None

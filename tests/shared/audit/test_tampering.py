"""A thousand tamperings of the audit tables by the database's superuser: all are found."""

from collections import Counter
from copy import deepcopy
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.audit.verify import verify
from shared.database import set_for_transaction
from shared.tables import AuditEvent, AuditLink
from tests.fixtures.audit import Audit
from tests.shared.audit.tampering import WAYS, Rows

EVENTS, LINKS = AuditEvent.__table__, AuditLink.__table__
TAMPERINGS = 1_000


def test_a_thousand_tamperings_are_all_found(audit: Audit) -> None:
    tenants = [audit.ledger.tenant, audit.ledger.new_tenant("ward-2")]
    engine = create_engine(audit.ledger.urls.admin.replace("postgresql:", "postgresql+psycopg:"))
    for tenant in tenants:
        audit.write(5, tenant)
    audit.chain()
    with engine.connect() as connection:
        earlier = _read(connection)
    for tenant in tenants:
        audit.write(4, tenant, first=5)
    audit.chain()
    chance, done, missed = Random(20261123), Counter[str](), []
    with engine.connect() as connection:
        events, links = _read(connection)
        connection.rollback()
        for way in cycle(WAYS):
            if done.total() == TAMPERINGS:
                break
            rows = Rows(deepcopy(events), deepcopy(links), deepcopy(earlier), tenants)
            way(rows, chance)
            if not (_differ(rows.events, events) or _differ(rows.links, links)):
                continue
            try:
                _write(connection, EVENTS, EVENTS.c.id, events, rows.events)
                _write(connection, LINKS, LINKS.c.event_id, links, rows.links)
            except IntegrityError:  # two rows of one key are not to be had
                connection.rollback()
                continue
            if all(_is_whole(audit, connection, tenant) for tenant in tenants):
                missed.append((done.total(), way.__name__))
            done[way.__name__] += 1
            connection.rollback()
        assert all(_is_whole(audit, connection, tenant) for tenant in tenants)
    engine.dispose()
    assert not missed
    assert len(done) == len(WAYS)


def _read(connection: Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    events = connection.execute(select(EVENTS).order_by(EVENTS.c.id)).mappings()
    links = connection.execute(select(LINKS).order_by(LINKS.c.tenant_id, LINKS.c.seq)).mappings()
    return [dict(row) for row in events], [dict(row) for row in links]


def _differ(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in one if row not in other] + [row for row in other if row not in one]


def _write(
    connection: Connection,
    table: Table,
    key: Column[UUID],
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
) -> None:
    """As a superuser may: without foreign keys and whatever else stands in the way."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    gone = [row[key.name] for row in before if row not in after]
    new = [row for row in after if row not in before]
    connection.execute(table.delete().where(key.in_(gone)))
    if new:
        connection.execute(insert(table), new)


def _is_whole(audit: Audit, connection: Connection, tenant: UUID) -> bool:
    """What the tenant is told over the API, of rows that are not committed."""
    connection.execute(text("SET LOCAL ROLE epicrisis_api"))
    session = Session(connection)
    set_for_transaction(session, "tenant", str(tenant))
    return verify(session, audit.ledger.vault, tenant, audit.anchor).ok

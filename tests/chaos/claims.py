"""When each document was claimed, noted by the database itself while it happens."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import psycopg

from tests.chaos.house import House
from tests.fixtures.processes import superuser_url

_NOTE = """
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.claims (
        document uuid, batch uuid, fence bigint, at timestamptz DEFAULT clock_timestamp()
    );
    CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO chaos.claims VALUES (NEW.id, NEW.batch_id, NEW.fence);
        RETURN NEW;
    END $$;
    CREATE TRIGGER claimed AFTER UPDATE OF status ON documents FOR EACH ROW
        WHEN (OLD.status = 'queued' AND NEW.status = 'running') EXECUTE FUNCTION chaos.note();
"""
_CLAIMS = "SELECT document, batch, fence, at FROM chaos.claims"


class Claimed(NamedTuple):
    document: UUID
    batch: UUID
    fence: int
    at: datetime


def note_claims(home: House) -> None:
    """From now on, every claim that commits."""
    with psycopg.connect(superuser_url(home.home, home.started)) as connection:
        connection.execute(_NOTE)


def claims(home: House) -> Iterable[Claimed]:
    return (Claimed(*row) for row in home.ask(_CLAIMS))

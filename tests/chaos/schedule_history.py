"""Every step of every document, noted by the database itself, and the rules of the ledger over it.

The rules are those that `shared/documents/ledger.py` draws; the totals are the oracle's.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from tests.chaos.oracle import QUESTIONS

MAX_DEATHS = 3
_FINAL = {"succeeded", "failed", "rejected", "cancelled", "expired"}
_TOTALS = {what: query for what, query in QUESTIONS.items() if what not in ("failed", "cancelled")}
"""What fails and what is cancelled is the schedule's own doing."""
NOTE = """
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.history (
        n bigserial, document uuid, batch uuid, was text, becomes text, fence_was bigint,
        fence bigint, deaths_was int, deaths int, alone_deaths_was int, alone_deaths int,
        alone_was bool, alone bool, lapsed bool, holder uuid,
        by text DEFAULT current_setting('application_name')
    );
    CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO chaos.history VALUES (
            DEFAULT, NEW.id, NEW.batch_id, OLD.status, NEW.status, OLD.fence, NEW.fence,
            OLD.deaths, NEW.deaths, OLD.deaths_alone, NEW.deaths_alone, OLD.alone, NEW.alone,
            OLD.lease_expires_at < clock_timestamp(), OLD.worker_id);
        RETURN NEW;
    END $$;
    CREATE FUNCTION chaos.note_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO chaos.history (batch, was, becomes) VALUES (NEW.id, OLD.status, NEW.status);
        RETURN NEW;
    END $$;
    CREATE TRIGGER noted AFTER UPDATE ON documents FOR EACH ROW
        WHEN ((OLD.status, OLD.fence, OLD.deaths, OLD.alone)
              IS DISTINCT FROM (NEW.status, NEW.fence, NEW.deaths, NEW.alone))
        EXECUTE FUNCTION chaos.note();
    CREATE TRIGGER noted AFTER UPDATE ON batches FOR EACH ROW
        WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION chaos.note_batch();
"""
_READ = """
    SELECT document, batch, was, becomes, fence_was, fence, deaths_was, deaths, alone_deaths_was,
           alone_deaths, alone_was, alone, lapsed, holder, by
    FROM chaos.history ORDER BY n
"""
_ASK = "SELECT " + ", ".join(f"({query})" for query in _TOTALS.values())


class Step(NamedTuple):
    """`…_was`: before it. `lapsed`: whether the lease had run out. `by`: the player's name."""

    document: UUID | None
    """None: the batch's own."""
    batch: UUID
    was: str
    becomes: str
    fence_was: int
    fence: int
    deaths_was: int
    deaths: int
    alone_deaths_was: int
    alone_deaths: int
    alone_was: bool
    alone: bool
    lapsed: bool | None
    holder: UUID | None
    by: str


def broken(connection: psycopg.Connection[Any], owners: Mapping[UUID, str]) -> Counter[str]:
    """What must not be, and how often it is. `owners`: worker id → the player who bears it."""
    totals = connection.execute(_ASK).fetchone()
    found = Counter(dict(zip(_TOTALS, totals or (), strict=True)))
    ended: dict[UUID, str] = {}
    for row in connection.execute(_READ):
        step = Step(*row)
        if step.document is None:
            ended[step.batch] = step.becomes
            continue
        rules = {**_of_claims(step), **_of_ends(step, ended.get(step.batch, ""))}
        if step.was == "running":
            rules.update(_of_holding(step, owners))
        found.update(what for what, wrong in rules.items() if wrong)
    return +found


def _of_claims(step: Step) -> dict[str, bool]:
    claimed = step.was == "queued" and step.becomes in ("queued", "running")
    return {
        "fences that do not grow by one with a claim": step.fence - step.fence_was != int(claimed),
        "documents with a death claimed in company": step.becomes == "running"
        and step.deaths > 0
        and not step.alone,
    }


def _of_ends(step: Step, batch: str) -> dict[str, bool]:
    again = step.was == "failed" and step.becomes == "queued" and step.by.startswith("client")
    return {
        "final states that were left": step.was in _FINAL and not again,
        "results after the cancel": step.becomes == "succeeded" and batch.startswith("cancel"),
        "steps after the cancel was final": batch == "cancelled",
    }


def _of_holding(step: Step, owners: Mapping[UUID, str]) -> dict[str, bool]:
    """Who may change a document that a worker holds."""
    if step.by.startswith("worker"):
        holder = step.holder and owners.get(step.holder)
        return {"documents changed by who had lost the lease": holder != step.by}
    died = int(step.alone_was)
    counted = (step.deaths - step.deaths_was, step.alone_deaths - step.alone_deaths_was)
    back = step.becomes == "queued"
    return {
        "documents taken from a living worker": not step.lapsed,
        "deaths not counted": back and counted != (1, died),
        "documents condemned before their time or after it": back
        == (step.alone_deaths_was + died >= MAX_DEATHS),
    }

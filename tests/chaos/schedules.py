"""R16: many small schedules of the shipped ledger functions, a fault between any two statements."""

import json
import os
import random
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from migrations.provision import ROLES, provision
from services.local.servers import role_urls
from tests.chaos.mutations import Mutation
from tests.chaos.mutations import environment as mutated
from tests.chaos.postgres import outside_postgres
from tests.chaos.row import Outcome, Plan, Row

_SCHEDULES, _PROCESSES = 10_000, 2
_ROOT = Path(__file__).parents[2]
_QUICK = ("synchronous_commit = off", "deadlock_timeout = '20ms'")


def run(plan: Plan) -> Outcome:
    schedules, dice = plan.of(_SCHEDULES, 100), random.Random(plan.seed)
    began = time.monotonic()
    with _databases() as urls:
        playing = [
            _start(plan, {"urls": one, "seed": dice.getrandbits(32), "schedules": share})
            for one, share in zip(urls, _shares(schedules), strict=True)
        ]
        reports = [_report(process) for process in playing]
    found = sum((Counter(report["violations"]) for report in reports), Counter[str]())
    for report in reports:
        _tell(report)
    played, steps, faults = (
        sum(report[name] for report in reports) for name in ("schedules", "steps", "faults")
    )
    if not found:
        found["schedules that were not played"] = max(0, schedules - played)
    return Outcome(
        f"{played:,} schedules", faults, time.monotonic() - began, found, f"{steps:,} steps"
    )


def _shares(schedules: int) -> list[int]:
    return [(schedules + place) // _PROCESSES for place in range(_PROCESSES)]


def _start(plan: Plan, assignment: dict[str, object]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.schedule_machine"],
        cwd=_ROOT,
        env={**os.environ, **mutated(plan.mutation)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(assignment))
    process.stdin.close()
    return process


def _report(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    said = process.stdout.read()
    assert process.wait() == 0, "a process of schedules ended before its time"
    report: dict[str, Any] = json.loads(said)
    return report


def _tell(report: dict[str, Any]) -> None:
    """The shortest schedule that went wrong, beside the table."""
    if report["story"]:
        lines = [f"{', '.join(report['violations'])}:", *report["story"]]
        print("\n    ".join(lines), file=sys.stderr)


@contextmanager
def _databases() -> Iterator[list[dict[str, str]]]:
    """For each process one at head, by the roles' URLs."""
    passwords = {role: secrets.token_hex(16) for role in ROLES}
    with outside_postgres() as admin:
        provision(admin, passwords)
        server, _, template = admin.rpartition("/")
        names = [f"schedules_{place}" for place in range(_PROCESSES)]
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            for name in names:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
                for setting in _QUICK:
                    connection.execute(f"ALTER DATABASE {name} SET {setting}".encode())
        urls = [f"{server}/{name}" for name in names]
        yield [{"admin": url, **role_urls(url, passwords)} for url in urls]


ROW = Row(
    "R16",
    "crash, pause, lost lease, double wake-up, cancel between any two statements",
    "no violation; each planted bug found",
    run,
    (
        Mutation(
            "no fence",
            "shared.batches.finish",
            "WHERE d.id = new.id AND d.fence = new.fence AND d.status = new.was",
            "WHERE d.id = new.id AND d.status = new.was",
        ),
        Mutation(
            "no lease check",
            "shared.documents.lost",
            "d.status = 'running' AND d.lease_expires_at < now()",
            "d.status = 'running'",
        ),
        Mutation(
            "no unique key: a repeated one makes another batch",
            "shared.batches.idempotency",
            "    return row.batch_id\n",
            "    return None\n",
        ),
        Mutation(
            "publish before commit",
            "shared.outbox",
            "    session.execute(insert(OutboxRow).inline().values(name=message.name,"
            " payload=payload))\n",
            "    with Session(session.get_bind().engine) as at_once, at_once.begin():\n"
            "        at_once.execute(\n"
            "            insert(OutboxRow).inline().values(name=message.name, payload=payload)\n"
            "        )\n",
        ),
        Mutation(
            "death not counted",
            "shared.documents.lost",
            "deaths = d.deaths + 1, deaths_alone = d.deaths_alone + d.alone::int",
            "deaths = d.deaths, deaths_alone = d.deaths_alone",
        ),
        Mutation(
            "cancel race",
            "shared.batches.finish",
            "        .order_by(Batch.id)\n        .with_for_update()\n",
            "        .order_by(Batch.id)\n",
        ),
    ),
)

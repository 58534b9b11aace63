"""What the audit costs: a row beside the request that it is about, chaining, verifying.

On a Postgres of its own that flushes to disk, as `epicrisis up` runs it, past HTTP.
"""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select, text

from shared.access.tenants import open_vault
from shared.audit.record import event_mac, open_audit_key, record
from shared.audit.verify import verify
from shared.database import Database
from shared.ids import new_id, public_id
from shared.tables import AuditEvent, Tenant
from shared.vault import Vault
from tests.bench.databases import databases
from tests.fixtures.processes import wait_until
from workers.dispatch.audit import Chainer

REQUESTS = 400
EVENTS = 100_000
RATE = 1_000


def table() -> str:
    with tempfile.TemporaryDirectory(prefix="epicrisis-bench-") as folder:
        Path(folder).chmod(0o755)
        with databases(Path(folder)) as (api, worker, vault, tenant):
            flushed = _row_milliseconds(api, vault, tenant, flush=True)
            row = _row_milliseconds(api, vault, tenant, flush=False)
            _fill(api, vault, tenant)
            anchor = Path(folder) / "anchor.jsonl"
            chainer, linked = _chain(worker, vault, anchor)
            idle = _idle_milliseconds(chainer)
            verified = _verify(api, vault, tenant, anchor)
    rows = (
        ("a row in a read's transaction, with its flush to disk", f"{flushed:.1f} ms more", "", ""),
        (
            "the same where the transaction is flushed anyway",
            f"{row:.1f} ms more",
            "≤ 5 ms",
            row <= 5,
        ),
        ("linking", f"{linked:,.0f} events/s", "≥ 1,000/s", linked >= RATE),
        ("a look that finds nothing new, twice a second", f"{idle:.1f} ms", "≤ 5 ms", idle <= 5),
        ("`audit verify`", f"{verified:,.0f} events/s", "≥ 1,000/s", verified >= RATE),
    )
    head = f"Audit of one tenant with {EVENTS:,} events\n\n| what | figure | goal | |\n"
    return f"{head}|---|---:|---|---|\n" + "".join(
        f"| {what} | {figure} | {goal} | {'met' if met else 'short' if goal else ''} |\n"
        for what, figure, goal, met in rows
    )


def _row_milliseconds(api: Database, vault: Vault, tenant: UUID, *, flush: bool) -> float:
    """The median of a read's transaction with a row, less that of the same without one."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * REQUESTS):
        audited = number % 2 == 1
        began = time.perf_counter()
        with api.transaction(tenant) as session:
            if not flush:
                session.execute(text("SET LOCAL synchronous_commit = off"))
            open_vault(session, vault, tenant)
            session.scalar(select(Tenant.name).where(Tenant.id == tenant))
            if audited:
                batch = public_id("batch", tenant)
                record(session, vault, tenant, "key_1", "results.read", [batch], {"after": 0})
        seconds[audited].append(time.perf_counter() - began)
    return 1000 * (statistics.median(seconds[True]) - statistics.median(seconds[False]))


def _fill(api: Database, vault: Vault, tenant: UUID) -> None:
    """Events as `record` writes them, many in a transaction."""
    with api.transaction(tenant) as session:
        key = open_audit_key(session, vault, tenant)
    for _ in range(EVENTS // 10_000):
        rows = [_event(key, tenant) for _ in range(10_000)]
        with api.transaction(tenant) as session:
            session.execute(insert(AuditEvent).inline(), rows)


def _event(key: bytes, tenant: UUID) -> dict[str, object]:
    row: dict[str, object] = {
        "id": new_id(),
        "tenant_id": tenant,
        "at": datetime.now(UTC),
        "actor": "key_1",
        "action": "results.read",
        "objects": [public_id("batch", new_id())],
        "request_id": None,
        "details": {"after": 0},
    }
    return {**row, "mac": event_mac(key, row)}


def _chain(worker: Database, vault: Vault, anchor: Path) -> tuple[Chainer, float]:
    chainer, began = Chainer(worker, vault, anchor), time.perf_counter()
    while chainer.step():
        pass
    return chainer, EVENTS / (time.perf_counter() - began)


def _idle_milliseconds(chainer: Chainer) -> float:
    """The median of steps that look, when all is linked and nothing was written for a while."""
    wait_until(lambda: chainer.step() or chainer.is_at_rest, seconds=120)
    time.sleep(12)
    chainer._far = ()
    seconds = []
    for _ in range(20):
        time.sleep(0.45)
        began = time.perf_counter()
        chainer.step()
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds)


def _verify(api: Database, vault: Vault, tenant: UUID, anchor: Path) -> float:
    began = time.perf_counter()
    with api.transaction(tenant) as session:
        found = verify(session, vault, tenant, anchor)
    if not found.ok:
        raise RuntimeError(f"the chain is not whole: {found.findings[:3]}")
    return found.events / (time.perf_counter() - began)

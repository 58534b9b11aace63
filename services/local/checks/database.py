"""Checks of the database, each in a connection of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import migrations
from services.local import credentials
from services.local.checks.finding import Finding, Place
from shared.config import SecretSettings
from shared.database import connect
from shared.errors import EpicrisisError
from shared.master_keys import Wrapped
from shared.messages import QUEUES
from shared.queues import SEEN_SECONDS, read_queues
from shared.tables import DataKey, Table, Tenant, WorkerPresence
from shared.vault import Vault

_LONG_WAIT_SECONDS = 3600
_DEMONSTRATION = "SmolLM2-135M"
"""The packaged model, which `epicrisis up` uses unless another one is named."""

_REMOTE = "@openai:"
"""In the name of an engine on a server."""

DatabaseCheck = Callable[[Connection, Place], Finding]


def check_database(place: Place) -> Iterator[Finding]:
    """Whether it can be reached, and if so, everything else about it."""
    if place.database_url is None:
        yield Finding(
            "database", "fail", "no URL", "Set EPICRISIS_DATABASE_URL or run `epicrisis up`."
        )
        return
    engine = connect(place.database_url, pool_size=1)
    try:
        answers = _run(engine, place, "database", check_version)
        yield answers
        if answers.level != "fail":
            yield from (_run(engine, place, name, check) for name, check in DATABASE_CHECKS)
    finally:
        engine.dispose()


def check_version(connection: Connection, _: Place) -> Finding:
    version = connection.scalar(text("SHOW server_version"))
    return Finding("database", "ok", f"Postgres {version}")


def check_migrations(connection: Connection, _: Place) -> Finding:
    scripts = ScriptDirectory(str(Path(migrations.__path__[0])))
    wanted = set(scripts.get_heads())
    found = set(MigrationContext.configure(connection).get_current_heads())
    if found != wanted:
        detail = f"at {', '.join(sorted(found)) or 'nothing'}, not {', '.join(sorted(wanted))}"
        return Finding("migrations", "fail", detail, "python -m migrations.provision")
    return Finding("migrations", "ok", f"at head ({', '.join(sorted(wanted))})")


def check_role(connection: Connection, _: Place) -> Finding:
    """Superusers and owners that bypass row-level security see every tenant."""
    query = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    name, superuser, bypass = connection.execute(text(query)).one()
    if superuser or bypass:
        return Finding(
            "role",
            "fail",
            f"{name} is not held by row-level security",
            "Let the processes connect as epicrisis_api and epicrisis_worker.",
        )
    return Finding("role", "ok", f"{name}, held by row-level security")


def check_row_security(connection: Connection, _: Place) -> Finding:
    names = [name for name, table in Table.metadata.tables.items() if "tenant_id" in table.columns]
    names.append("tenants")
    query = text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relname = ANY(:names) AND relrowsecurity AND relforcerowsecurity"
    )
    open_tables = set(names) - set(connection.scalars(query, {"names": names}))
    if open_tables:
        detail = f"not forced on {', '.join(sorted(open_tables))}"
        return Finding("row security", "fail", detail, "python -m migrations.provision")
    return Finding("row security", "ok", f"forced on {len(names)} tables")


def check_master_key(connection: Connection, place: Place) -> Finding:
    """Whether the key in use is the one that the data was sealed under."""
    query = select(DataKey.tenant_id, DataKey.wrapped, DataKey.wrapped_by).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return Finding("master key", "warn", "no data key to try it on is visible to this role")
    try:
        _vault(place).tenant(row.tenant_id, Wrapped(row.wrapped, row.wrapped_by))
    except (EpicrisisError, OSError) as error:
        detail = error.detail if isinstance(error, EpicrisisError) else "its file cannot be read"
        fix = error.how_to_fix if isinstance(error, EpicrisisError) else None
        return Finding("master key", "fail", detail, fix)
    return Finding("master key", "ok", "opens a tenant's data key")


def check_workers(connection: Connection, _: Place) -> Finding:
    alive = WorkerPresence.seen_at > func.now() - text(f"interval '{SEEN_SECONDS} s'")
    query = select(WorkerPresence.queue, WorkerPresence.attention).where(alive)
    rows = connection.execute(query).all()
    living = {queue: sum(row.queue == queue for row in rows) for queue in QUEUES}
    detail = ", ".join(f"{queue} {count}" for queue, count in living.items())
    if not living["summarization"]:
        fix = "Start one: python -m workers.summarization.app (or `epicrisis up`)."
        return Finding("workers", "fail", detail, fix)
    if troubles := sorted({row.attention for row in rows if row.attention}):
        fix = "See the workers' logs; meanwhile documents wait or step down."
        return Finding("workers", "warn", f"{detail}; {', '.join(troubles)}", fix)
    return Finding("workers", "ok", detail)


def check_model(connection: Connection, _: Place) -> Finding:
    """What the workers have loaded; without a model, documents are extracted from."""
    alive = WorkerPresence.seen_at > func.now() - text(f"interval '{SEEN_SECONDS} s'")
    query = select(WorkerPresence.engine).where(alive, WorkerPresence.queue == "summarization")
    engines = set(connection.scalars(query).all())
    detail = ", ".join(sorted(engine or "none" for engine in engines)) or "no worker to ask"
    fix = "Name a model with EPICRISIS_PROMPT_MODEL: a folder, a hub id or openai:URL#model."
    if None in engines or not engines:
        return Finding("prompt model", "warn", f"{detail}: extractive summaries only", fix)
    if any(engine.startswith(_DEMONSTRATION) for engine in engines if engine):
        return Finding("prompt model", "warn", f"{detail}: not for clinical use", fix)
    if any(_REMOTE in engine for engine in engines if engine):
        closed = select(func.count()).where(~Tenant.remote_prompts, Tenant.suspended_at.is_(None))
        if count := connection.scalar(closed):
            detail = f"{detail}: a server, to which {count} tenants' text may not go"
            fix = "epicrisis tenants set NAME --allow-remote-prompts"
            return Finding("prompt model", "warn", detail, fix)
    return Finding("prompt model", "ok", detail)


def check_queues(connection: Connection, _: Place) -> Finding:
    """Whether what waits is about to be taken."""
    queues = [queue for queue in read_queues(Session(connection)) if queue.waiting]
    if not queues:
        return Finding("queue", "ok", "nothing waits")
    detail = "; ".join(
        f"{queue.name}: {queue.waiting:,} wait, the oldest for {queue.oldest_seconds / 60:,.0f} min"
        for queue in queues
    )
    if stalled := [queue.name for queue in queues if queue.is_stalled]:
        fix = (
            f"Nobody takes what waits for {', '.join(stalled)}: see that such a worker, the "
            "dispatcher and Redis are running, and read the dispatcher's log."
        )
        return Finding("queue", "fail", detail, fix)
    if max(queue.oldest_seconds for queue in queues) > _LONG_WAIT_SECONDS:
        return Finding("queue", "warn", detail, "Add workers if it does not shrink.")
    return Finding("queue", "ok", detail)


DATABASE_CHECKS: list[tuple[str, DatabaseCheck]] = [
    ("migrations", check_migrations),
    ("role", check_role),
    ("row security", check_row_security),
    ("master key", check_master_key),
    ("workers", check_workers),
    ("prompt model", check_model),
    ("queue", check_queues),
]


def _run(engine: Engine, place: Place, name: str, check: DatabaseCheck) -> Finding:
    try:
        with engine.connect() as connection:
            return check(connection, place)
    except SQLAlchemyError as error:
        detail = f"cannot be asked ({type(error).__name__})"
        fix = "Is it running, at this URL, and provisioned (python -m migrations.provision)?"
        return Finding(name, "fail", detail, fix)


def _vault(place: Place) -> Vault:
    """By the environment's master key, else the home's own. Raises Misconfigured."""
    settings = SecretSettings()
    kept = place.home / "secrets.json"
    if settings.master_key is None and settings.master_key_file is None and kept.exists():
        kept_secrets = credentials.load_or_create(place.home)
        settings = credentials.master_key_settings(place.home, kept_secrets)
    return Vault.from_settings(settings)

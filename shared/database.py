"""Postgres: the engine, and the only commit in the system.

Operations take a session and never commit; routes and tasks open `transaction()` around them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from shared.config import ServerSettings
from shared.errors import Misconfigured

CONNECT_ARGS: dict[str, int | None] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "tcp_user_timeout": 15_000,
}
"""libpq's, in seconds but for the last: milliseconds without any word from the server after which
a connection is lost. Keepalives see that while nobody speaks; without a timeout a query that goes
into a silent network waits for a quarter of an hour, and with it a worker's heartbeat."""
_UNPREPARED: dict[str, int | None] = {"prepare_threshold": None}
"""Past a transaction pooler the next transaction may run on another backend, which does not know
what was prepared on the last. Without a pooler preparing is worth a quarter of a submission."""


def connect(url: str | None = None, *, pool_size: int = 5) -> Engine:
    """An engine on EPICRISIS_DATABASE_URL, or on `url`; through a pooler if there is a direct URL.

    `hide_parameters`: an error's text must not carry what was about to be written.
    """
    settings = ServerSettings()
    if url is None:
        setting = settings.database_url
        if setting is None:
            raise Misconfigured(
                "No database.", how_to_fix="Set EPICRISIS_DATABASE_URL, or run `epicrisis up`."
            )
        url = setting.get_secret_value()
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=CONNECT_ARGS | (_UNPREPARED if settings.database_direct_url else {}),
    )


class Database:
    """Opens transactions, each for one tenant or for none."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def transaction(self, tenant: UUID | None = None) -> Iterator[Session]:
        """Begin, hand out the session, commit; roll back when the block raises.

        Row-level security shows the rows of `tenant` alone; without one it shows no tenant's rows,
        but for what the role's policies say.
        """
        with self._sessions() as session, session.begin():
            if tenant is not None:
                set_for_transaction(session, "tenant", str(tenant))
            yield session


def set_for_transaction(session: Session, name: str, value: str) -> None:
    """Set `epicrisis.NAME`, which the policies read, until the end of the transaction."""
    session.execute(
        text("SELECT set_config(:name, :value, true)"),
        {"name": f"epicrisis.{name}", "value": value},
    )

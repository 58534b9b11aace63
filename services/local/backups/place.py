"""The installation that is backed up: where its database, its anchor and its artifacts are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.local import credentials as secrets
from services.local.children import Child, stop_all
from services.local.home import LOGS, READY_FILE, held_home
from services.local.processes import ARTIFACTS, AUDIT_ANCHOR
from services.local.ready import read_ready
from services.local.servers import Servers, prepare_servers, role_urls
from services.local.watch import Watch
from shared.config import AuditSettings, HomeSettings, ServerSettings
from shared.errors import Misconfigured
from shared.storage import Storage

_SERVER_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    """Of a role that bypasses row-level security, past a transaction pooler."""
    anchor: Path | None
    artifacts: Storage | None


@contextmanager
def reach(home: Path | None) -> Iterator[Place]:
    """The installation of a home, running or not; without `home` what the environment names.

    Raises Misconfigured where there is none.
    """
    given = outside_url()
    if home is None and given is not None:
        yield Place(given, AuditSettings().audit_anchor, Storage.from_settings())
        return
    home = home or HomeSettings().home
    if not (home / secrets.SECRETS_FILE).exists():
        raise Misconfigured(
            f"{home} is no home of Epicrisis.",
            how_to_fix="Name it with --home, or set EPICRISIS_DATABASE_URL.",
        )
    with _migrator_url(home) as url:
        yield Place(url, anchor_file(home), artifacts_of(home))


def outside_url() -> str | None:
    """The database that the environment names, past a pooler if there is one."""
    settings = ServerSettings()
    url = settings.database_direct_url or settings.database_url
    return url.get_secret_value() if url else None


def anchor_file(home: Path) -> Path:
    return AuditSettings().audit_anchor or home / AUDIT_ANCHOR


def artifacts_of(home: Path) -> Storage:
    """The store that `epicrisis up` of this home uses."""
    return Storage.from_settings() or Storage(str(home / ARTIFACTS))


@contextmanager
def serving(home: Path, servers: Servers) -> Iterator[str]:
    """The administrator's URL of a home's database, served for the length of the block."""
    url = servers.direct_url or servers.database_url
    if servers.postgres is None:
        yield url
        return
    watch = Watch(home / LOGS, lambda _: None)
    watch.children.append(Child(servers.postgres.program(), home / LOGS / "postgres.log"))
    try:
        watch.wait_until(servers.postgres.answers, _SERVER_SECONDS, "postgres")
        servers.postgres.create_database()
        yield url
    finally:
        stop_all(watch.children, _STOP_SECONDS)


@contextmanager
def _migrator_url(home: Path) -> Iterator[str]:
    kept = secrets.load_or_create(home)
    passwords = secrets.role_passwords(kept)
    try:
        running = outside_url() or read_ready(home / READY_FILE).database_url
    except FileNotFoundError:
        with held_home(home) as held:
            servers = prepare_servers(held, kept, ServerSettings())
            with serving(held, servers) as url:
                yield role_urls(url, passwords)["migrator"]
    else:
        yield role_urls(running, passwords)["migrator"]

"""Everything on one machine, in the foreground: `python -m services.local.supervisor`.

Starts Postgres and Valkey (unless EPICRISIS_DATABASE_URL, EPICRISIS_REDIS_URL name others), then
the API, the dispatcher and the workers; starts again what dies; writes the ready file once work
can be done; ends everything at SIGTERM, SIGINT or SIGHUP, and exits 0.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from services.local import credentials as secrets
from services.local.capacity import default_summarizers
from services.local.home import LOGS, READY_FILE, held_home
from services.local.ports import LOOPBACK, free_port, is_free
from services.local.processes import Plan
from services.local.product import EPICRISIS, Product
from services.local.ready import Ready, pids_of, write_ready
from services.local.servers import Servers, database_identity, prepare_servers
from services.local.watch import Stopped, Watch
from shared.config import HomeSettings, ServerSettings
from shared.errors import Conflict, EpicrisisError

_SERVER_SECONDS = 60.0
# The first start converts the packaged model.
_READY_SECONDS = 900.0
_PROCESS_PATIENCE = 25.0
_SERVER_PATIENCE = 30.0
# The API of a supervisor that was killed just now needs so long to go.
_PORT_SECONDS = 3.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Options:
    home: Path
    port: int
    """Of the API; 0: any free one."""
    workers: int
    """Summarization workers."""
    ready_file: Path | None
    """Beside `ready.json` in the home."""


def main(arguments: Sequence[str] | None = None, product: Product = EPICRISIS) -> int:
    """Returns the exit status: 0 stopped on request, 1 error."""
    options = _parse(arguments)
    try:
        with held_home(options.home) as home:
            supervise(home, options, product)
    except EpicrisisError as error:
        _say(error.detail)
        if error.how_to_fix:
            _say(error.how_to_fix)
        return 1
    except PermissionError as error:
        _say(f"{error.strerror}: {error.filename}. Is the home somebody else's?")
        return 1
    return 0


def supervise(home: Path, options: Options, product: Product) -> None:
    """Run the product until a signal asks to stop. Raises EpicrisisError if it cannot start."""
    watch = Watch(home / LOGS, _say)
    for number in _STOP_SIGNALS:
        # Ignored before: `nohup` means it.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: watch.ask_to_stop())
    # The home's own is where the command on this machine looks.
    ready_files = {home / READY_FILE, (options.ready_file or home / READY_FILE).absolute()}
    for path in ready_files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    try:
        ready = _bring_up(watch, home, options, product)
        _write(ready_files, ready)
        _say(_announcement(ready, home))
        is_told = True
        while True:
            watch.pause()
            if watch.tick() or not is_told:
                is_told = _is_written(ready_files, replace(ready, pids=pids_of(watch.children)))
    except Stopped:
        _say("stopping")
    finally:
        for path in ready_files:
            path.unlink(missing_ok=True)
        _stop(watch)


def _write(ready_files: Iterable[Path], ready: Ready) -> None:
    for path in ready_files:
        write_ready(path, ready)


def _is_written(ready_files: Iterable[Path], ready: Ready) -> bool:
    """False where it could not be: a full disk is no reason to stop what runs."""
    try:
        _write(ready_files, ready)
    except OSError:
        return False
    return True


def _bring_up(watch: Watch, home: Path, options: Options, product: Product) -> Ready:
    """Start everything in order; returns once work can be done."""
    port = _api_port(watch, options.port)
    plan = Plan(str(home), port, options.workers, dict(os.environ))
    kept = secrets.load_or_create(home)
    servers = prepare_servers(home, kept, ServerSettings())
    connections = servers.connections(home, kept)
    _start_servers(watch, servers)
    admin_url = servers.direct_url or servers.database_url
    database = database_identity(admin_url)
    product.provision(admin_url, secrets.role_passwords(kept))
    keys = kept.keys.get(database)
    if keys is None:
        keys = product.bootstrap(plan, connections)
        secrets.save(home, secrets.with_keys(kept, database, keys))
    for program in product.processes(plan, connections):
        watch.start(program)
    watch.wait_until(lambda: product.is_ready(plan), _READY_SECONDS, "API and summarization")
    watch.lenient = True
    return Ready(
        f"http://{LOOPBACK}:{port}",
        keys.api_key,
        keys.admin_key,
        database_url=connections.databases["auditor"],
        redis_url=connections.redis_url,
        pids=pids_of(watch.children),
    )


def _api_port(watch: Watch, wanted: int) -> int:
    """Raises Conflict if another program has the port and keeps it."""
    deadline = time.monotonic() + _PORT_SECONDS
    while wanted and not is_free(wanted):
        if time.monotonic() > deadline:
            raise Conflict(
                f"Port {wanted} is taken by another program.",
                how_to_fix="Choose another with --port, or --port 0 for any free one.",
            )
        watch.pause()
    return wanted or free_port()


def _start_servers(watch: Watch, servers: Servers) -> None:
    embedded = [server for server in (servers.postgres, servers.valkey) if server]
    for server in embedded:
        watch.start(server.program())
    for server in embedded:
        watch.wait_until(server.answers, _SERVER_SECONDS, server.program().name)
    if servers.postgres:
        servers.postgres.create_database()


def _stop(watch: Watch) -> None:
    """The processes first, then the queue, then the database that they all write to."""
    for names, patience in (
        ({"redis", "postgres"}, _PROCESS_PATIENCE),
        ({"postgres"}, _SERVER_PATIENCE),
        (set[str](), _SERVER_PATIENCE),
    ):
        watch.stop([c for c in watch.children if c.program.name not in names], patience)


def _announcement(ready: Ready, home: Path) -> str:
    return (
        "ready\n"
        f"  API    {ready.api_url}\n"
        f"  docs   {ready.api_url}/docs\n"
        f"  keys   {home / READY_FILE}\n"
        f"  logs   {home / LOGS}\n"
        "  Ctrl-C stops it."
    )


def _say(line: str) -> None:
    # The terminal may be gone; what is left to do must be done all the same.
    with suppress(OSError):
        print(f"epicrisis: {line}", file=sys.stderr, flush=True)


def _parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="epicrisis up", description="Everything on one machine, in the foreground."
    )
    parser.add_argument("--home", type=Path, default=HomeSettings().home)
    parser.add_argument("--port", type=int, default=8000, help="of the API; 0: any free one")
    parser.add_argument("--workers", type=_positive, help="summarization workers")
    parser.add_argument("--ready-file", type=Path)
    given = parser.parse_args(arguments)
    return Options(given.home, given.port, given.workers or default_summarizers(), given.ready_file)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

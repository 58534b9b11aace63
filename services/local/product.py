"""What the supervisor runs: a plain value, so that a test can have it run something else."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from migrations.provision import provision
from services.local.children import Program
from services.local.credentials import Keys
from services.local.ports import LOOPBACK
from services.local.processes import Connections, Plan, process_table, public_environment
from services.local.watch import DoesNotStart


@dataclass(frozen=True, slots=True)
class Product:
    """Four functions, in the order in which they are called."""

    provision: Callable[[str, Mapping[str, str]], None]
    """(administrator's URL, password by role): roles, schema, migrations; may be repeated."""
    bootstrap: Callable[[Plan, Connections], Keys]
    """Make the first keys of a database."""
    processes: Callable[[Plan, Connections], Sequence[Program]]
    is_ready: Callable[[Plan], bool]
    """Whether work can be done now."""


def bootstrap(plan: Plan, connections: Connections) -> Keys:
    """Make the first tenant's keys. Raises DoesNotStart with what the program wrote."""
    ended = subprocess.run(
        [sys.executable, "-m", "services.api.bootstrap", "--json"],
        env={**public_environment(plan), **connections.database("migrator")},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise DoesNotStart(f"The first keys could not be made:\n{ended.stderr.strip()}")
    told = json.loads(ended.stdout)
    return Keys(told["api_key"], told["admin_key"])


def is_ready(plan: Plan) -> bool:
    """The API reaches its database, and a summarization worker has its models."""
    connection = HTTPConnection(LOOPBACK, plan.port, timeout=2)
    try:
        connection.request("GET", "/readyz?workers=1")
        return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


EPICRISIS = Product(provision, bootstrap, process_table, is_ready)

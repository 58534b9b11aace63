"""pg_dump and pg_restore: the database in one file, without the tenants' keys."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url

from services.local.binaries import find_client_program
from shared.errors import Misconfigured

_KEPT_APART = ("data_keys", "audit_keys")
_OF_THE_MOMENT = ("workers",)
_SCHEMA_PRIVILEGES = "ACL - SCHEMA"
"""Set by `migrations.provision` already, and only the schema's owner may repeat them."""


def dump_database(url: str, major: int, snapshot: str, file: Path) -> None:
    """Write the database as a snapshot shows it; `major`: the server's version.

    `url`: of a role that bypasses row-level security. Raises Misconfigured with pg_dump's words.
    """
    excluded = [f"--exclude-table-data={name}" for name in (*_KEPT_APART, *_OF_THE_MOMENT)]
    arguments = ["--format=custom", "--compress=1", f"--snapshot={snapshot}", f"--file={file}"]
    _run(find_client_program("pg_dump", major), url, [*arguments, *excluded])


def restore_database(url: str, major: int, file: Path) -> None:
    """Make all that the file holds, owned by the URL's role: everything or nothing.

    `major`: version of the server that the file is of. Raises Misconfigured likewise.
    """
    program = find_client_program("pg_restore", major)
    listed = _run(program, None, ["--list", str(file)])
    kept = [line for line in listed.splitlines() if _SCHEMA_PRIVILEGES not in line]
    with tempfile.NamedTemporaryFile("w") as contents:
        contents.write("\n".join(kept))
        contents.flush()
        arguments = ["--single-transaction", "--no-owner", f"--use-list={contents.name}"]
        _run(program, url, [*arguments, str(file)])


def _run(program: Path, url: str | None, arguments: Sequence[str]) -> str:
    """The password goes by the environment: any user of the machine can read arguments."""
    environment = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "")}
    command = [str(program)]
    if url is not None:
        parsed = make_url(url).set(drivername="postgresql")
        environment["PGPASSWORD"] = parsed.password or ""
        plain = parsed.set(password=None).render_as_string(hide_password=False)
        command.append(f"--dbname={plain}")
    ended = subprocess.run(
        [*command, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
    )
    if ended.returncode != 0:
        first = next(iter(ended.stderr.splitlines()), "no word of why")
        raise Misconfigured(f"{program.name} failed: {first}")
    return ended.stdout

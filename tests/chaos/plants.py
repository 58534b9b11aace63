"""Strings that stand for patients' data, and every place where one of them must not be."""

import base64
import re
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from redis import Redis

MARK = "Zqxwvkjh"
_ROUND = 3 * len(MARK)
_CHUNK_BYTES = 4 * 2**20


def new_plant() -> str:
    return MARK + secrets.token_hex(6)


def _patterns() -> re.Pattern[bytes]:
    """The mark as it is, in hexadecimal as dumps write bytes, in UTF-16, and in base64."""
    plain = MARK.encode()
    spelled = {plain, plain.hex().encode(), MARK.encode("utf-16-le")}
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + plain + b"x" * 3)
        # Digits of six bits; without those that a neighbour has a part in.
        spelled.add(coded[-(-8 * offset // 6) : 8 * (offset + len(plain)) // 6])
    return re.compile(b"|".join(map(re.escape, spelled)), re.IGNORECASE)


_PATTERN = _patterns()


def found_in(data: bytes) -> bool:
    return _PATTERN.search(data) is not None


def files_with_plants(folders: Iterable[Path]) -> Iterator[str]:
    """Files that hold one, or are named after one; each once."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if found_in(str(path).encode()):
                yield f"name of {path.relative_to(folder)}"
            if path.is_file() and not path.is_symlink() and _file_holds(path):
                yield str(path.relative_to(folder))


def processes_with_plants(root: int) -> Iterator[str]:
    """Environment and command line of a process and all below it."""
    for pid in _family(root):
        for what in ("environ", "cmdline"):
            try:
                data = Path(f"/proc/{pid}/{what}").read_bytes()
            except OSError:
                continue
            if found_in(data):
                yield f"{what} of process {pid}"


def broker_with_plants(url: str) -> Iterator[str]:
    """Keys and values in the memory of Redis."""
    with Redis.from_url(url) as broker:
        for key in broker.scan_iter():
            if found_in(key) or found_in(broker.dump(key) or b""):
                yield "a key of the broker"


def tables_with_plants(url: str) -> Iterator[str]:
    """Rows as text, of every table that the role of `url` sees."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (name,) in names:
            rows = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))
            if any(found_in(row[0].encode()) for row in connection.execute(rows)):
                yield f"table {name}"


def dump_with_plants(program: Path, url: str) -> Iterator[str]:
    """What pg_dump writes."""
    dumped = subprocess.run([program, "--dbname", url], capture_output=True, check=True)
    if found_in(dumped.stdout):
        yield "a dump"


def _file_holds(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            rest = b""
            while chunk := file.read(_CHUNK_BYTES):
                if found_in(rest + chunk):
                    return True
                rest = chunk[-_ROUND:]
    except OSError:
        return False
    return False


def _family(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(after_name[1])
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family

"""Keep the heads of the chains outside the database, so that a chain cut short is found.

One JSON line for each head that moved: tenant, seq, mac, time. A line is about 190 bytes; a tenant
that is busy all day moves its head every few seconds, which comes to some 3 MB a day. The file only
grows: whoever keeps it on storage that cannot be rewritten has proof even against the
administrator of this machine.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from shared.audit.link import Head
from shared.ids import public_id

_MODE = 0o600


class Anchor(NamedTuple):
    """Where a tenant's chain once was."""

    seq: int
    mac: bytes


def append_heads(path: Path, heads: Mapping[UUID, Head], at: datetime) -> None:
    """Write the heads down, flushed to disk. Raises OSError."""
    lines = "".join(_line(tenant, head, at) for tenant, head in heads.items()).encode()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _MODE)
    try:
        if _is_torn(file):
            lines = b"\n" + lines
        os.write(file, lines)
        os.fsync(file)
    finally:
        os.close(file)


def read_anchors(path: Path, tenant: UUID, end: int) -> Iterator[Anchor]:
    """A tenant's anchors in the order of the file, up to byte `end`."""
    mark, read = f'"{public_id("tenant", tenant)}"'.encode(), 0
    with path.open("rb") as file:
        for line in file:
            read += len(line)
            if read > end:
                return
            if mark in line and (anchor := _parse(line)) is not None:
                yield anchor


def _line(tenant: UUID, head: Head, at: datetime) -> str:
    row = {
        "tenant": public_id("tenant", tenant),
        "seq": head.seq,
        "mac": head.mac.hex(),
        "at": at.isoformat(timespec="milliseconds"),
    }
    return f"{json.dumps(row)}\n"


def _parse(line: bytes) -> Anchor | None:
    """None for a line that was torn by a power cut."""
    try:
        row = json.loads(line)
        return Anchor(int(row["seq"]), bytes.fromhex(row["mac"]))
    except (ValueError, KeyError, TypeError):
        return None


def _is_torn(file: int) -> bool:
    end = os.lseek(file, 0, os.SEEK_END)
    return end > 0 and os.pread(file, 1, end - 1) != b"\n"

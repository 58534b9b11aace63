"""The ready file: written when work can be done, followed by programs that use this machine's."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from services.local.children import Child
from services.local.files import write_private

Pids = dict[str, int | list[int] | None]
_SEVERAL = ("summarization", "training")
_ONE = ("api", "dispatcher", "postgres", "redis", "background")


@dataclass(frozen=True, slots=True)
class Ready:
    api_url: str
    api_key: str
    admin_key: str
    database_url: str
    """The read-only auditor's."""
    redis_url: str
    pids: Pids
    """A number for each single process (None for a server from outside), a list for workers."""


def write_ready(path: Path, ready: Ready) -> None:
    write_private(path, json.dumps(asdict(ready), indent=1) + "\n")


def read_ready(path: Path) -> Ready:
    """Raises FileNotFoundError while nothing is ready."""
    return Ready(**json.loads(path.read_text()))


def pids_of(children: Sequence[Child]) -> Pids:
    pids: Pids = dict.fromkeys(_ONE)
    for kind in _SEVERAL:
        pids[kind] = [child.pid for child in children if child.program.kind == kind]
    for child in children:
        if child.program.kind not in _SEVERAL:
            pids[child.program.kind] = child.pid
    return pids

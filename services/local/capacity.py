"""How much of this machine a process may use: containers see all of it and get a share."""

import math
import os
import sys
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_WORKER_BYTES = 2 * 10**9


def default_summarizers() -> int:
    """Summarization workers: one per usable core, at most one per 2 GB of memory, at least one."""
    return max(1, min(usable_cores(), usable_memory() // _WORKER_BYTES))


def usable_cores(cgroup: Path = _CGROUP) -> int:
    """Cores that this process may run on, also under a container's quota (cgroup v2)."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    quota, _, period = _read(cgroup / "cpu.max").partition(" ")
    if quota.isdigit():
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return cores


def usable_memory(cgroup: Path = _CGROUP) -> int:
    """Bytes of memory of this machine or container."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        limit = _read(cgroup / name)
        if limit.isdigit():
            memory = min(memory, int(limit))
    return memory


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""

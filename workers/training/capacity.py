"""How much memory a run may take on this machine."""

import os
from contextlib import suppress
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_MACHINE = Path("/proc/meminfo")


def available_memory(cgroup: Path = _CGROUP, machine: Path = _MACHINE) -> int:
    """Bytes that can be had without swapping: of the machine, or of the container if that is less.

    What the container keeps of files can be had, too (cgroup v2, `memory.stat`).
    """
    available = _of_machine(machine)
    with suppress(OSError, ValueError, KeyError):
        limit = int((cgroup / "memory.max").read_text())
        used = int((cgroup / "memory.current").read_text())
        stat = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
        return min(available, limit - used + int(stat["inactive_file"]))
    return available


def _of_machine(machine: Path) -> int:
    with suppress(OSError):
        for line in machine.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    # Not Linux: nobody says what is available; half of what there is.
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2

"""The long measurements, as Markdown tables whose last column says `met` or `short`.

    python -m tests.bench [submission|system …]

Every comparison is run side by side and interleaved, and given as a ratio of medians: machines are
noisy, and another one's absolute figures say little.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from tests.bench import audit, gigabyte, sealing, submission, system, training

BENCHES: dict[str, Callable[[], str]] = {
    "audit": audit.table,
    "submission": submission.table,
    "system": system.table,
    "gigabyte": gigabyte.table,
    "sealing": sealing.table,
    "training": training.table,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", default=list(BENCHES), metavar="NAME")
    names = parser.parse_args().names
    unknown = set(names) - set(BENCHES)
    if unknown:
        parser.error(f"there are {', '.join(BENCHES)}")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}, `make bench`\n")
    for name in names:
        print(BENCHES[name](), flush=True)
    return 0


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())

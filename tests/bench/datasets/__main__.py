"""What curation finds of faults planted in real sets, and how it grows with a set's size.

EPICRISIS_DATA=… python -m tests.bench.datasets [planted|scale] [--split held-out] [--seed 6]
EPICRISIS_DATA=… python -m tests.bench.datasets reports [--to docs/datasets]
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.datasets import planted, reports, scale
from tests.bench.quality.data import folder
from tests.bench.quality.errors import Missing


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.datasets")
    parser.add_argument("names", nargs="*", metavar="NAME", help="planted, scale, reports")
    parser.add_argument("--split", choices=("train", "held-out"), default="train")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--to", type=Path, default=Path("docs/datasets"))
    asked = parser.parse_args()
    names = asked.names or ["planted", "scale"]
    if set(names) - {"planted", "scale", "reports"}:
        parser.error("there are planted, scale and reports")
    try:
        folder()
    except Missing as error:
        parser.exit(2, f"{error}\n")
    print(f"{datetime.now(UTC):%Y-%m-%d}, `python -m tests.bench.datasets {' '.join(names)}`\n")
    if "planted" in names:
        print(planted.table(asked.split, asked.seed), flush=True)
    if "scale" in names:
        print(scale.table(asked.seed), flush=True)
    if "reports" in names:
        print(reports.write(asked.to), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How far the summaries can be trusted, measured on the data sets that EPICRISIS_DATA names.

    python -m tests.bench.quality [perturbations …] [--split train]

Thresholds and rules are made on training splits; figures to quote are those of the held-out ones.
"""

import argparse
import sys
from datetime import UTC, datetime
from importlib import import_module

from tests.bench.quality import items
from tests.bench.quality.data import folder
from tests.bench.quality.errors import Missing

BENCHES = (
    "perturbations",
    "ratings",
    "thresholds",
    "notes",
    "extractive",
    "injections",
    "phrasings",
    "withheld",
    "cost",
    "prompts",
)
"""Each a module with a `table` of a split; loaded when it is asked for, since some load torch."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--split", choices=("held-out", "train"), default="held-out")
    parser.add_argument("--make-list", action="store_true", help="write perturbations.jsonl anew")
    parser.add_argument("--show", metavar="KIND", help="what of the training splits is missed")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(BENCHES)
    if unknown:
        parser.error(f"there are {', '.join(BENCHES)}")
    try:
        folder()
        _run(asked)
    except Missing as error:
        parser.exit(2, f"{error}\n")
    return 0


def _run(asked: argparse.Namespace) -> None:
    if asked.make_list:
        items.write_list()
        return
    if asked.show:
        print(import_module("tests.bench.quality.perturbations").show(asked.show))
        return
    print(f"{datetime.now(UTC):%Y-%m-%d}, `python -m tests.bench.quality`, {asked.split}\n")
    for name in asked.names or BENCHES:
        print(import_module(f"tests.bench.quality.{name}").table(asked.split), flush=True)


if __name__ == "__main__":
    sys.exit(main())

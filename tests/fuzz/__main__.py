"""Input that nobody would send: one command, a Markdown table.

    python -m tests.fuzz parsers --iterations 1000000 [--seed N] [--keep DIR]
    python -m tests.fuzz api --examples 250 [--seed N]        needs the extra `fuzz`

`parsers` mutates bodies of every format; the exit status is 1 if anything but a record, a rejection
or a refusal came out, if one input took too long, or if memory grew. `api` lets Schemathesis loose
on a running product; the status is 1 if an answer was a 5xx or not as the OpenAPI document says.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.fuzz.api import fuzz_api
from tests.fuzz.parsers import Tally, fuzz, is_level

_COLUMNS = ("format", "inputs", "records", "rejected", "refused", "uncaught", "slowest ms")


def main() -> int:
    arguments = _arguments()
    return _api(arguments) if arguments.target == "api" else _parsers(arguments)


def _api(arguments: argparse.Namespace) -> int:
    report = fuzz_api(arguments.examples, arguments.seed)
    answers, failures = report["answers"], report["failures"]
    print("| requests | 2xx | 4xx | 5xx | not as documented |\n|--:|--:|--:|--:|--:|")
    kinds = [f"{answers[kind]:,}" for kind in ("2xx", "4xx", "5xx")]
    print(f"| {answers.total():,} | {' | '.join(kinds)} | {len(failures)} |")
    for failure in failures:
        print(f"- {failure['title']}: {', '.join(failure['operations'])}")
    return int(bool(failures) or answers["5xx"] > 0)


def _parsers(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    tallies, growth = fuzz(
        arguments.iterations, arguments.seed, arguments.seconds_per_input, arguments.keep
    )
    took = time.monotonic() - started
    _print_table(tallies)
    total = sum(tally.inputs for tally in tallies.values())
    print(
        f"\n{total:,} inputs from seed {arguments.seed} in {took:.0f} s; "
        f"memory grew by {growth / 2**20:.0f} MiB after the first tenth: "
        f"{'level' if is_level(growth) else 'NOT level'}."
    )
    found = {name: tally.uncaught for name, tally in tallies.items() if tally.uncaught}
    for name, uncaught in found.items():
        for what, count in uncaught.most_common(20):
            print(f"- {name}: {what}, {count} times")
    return int(bool(found) or not is_level(growth))


def _print_table(tallies: Mapping[str, Tally]) -> None:
    print(f"| {' | '.join(_COLUMNS)} |")
    print("|---|" + "--:|" * (len(_COLUMNS) - 1))
    for name, tally in tallies.items():
        counts = (tally.inputs, tally.records, tally.rejected, tally.refused)
        cells = [f"{count:,}" for count in (*counts, tally.uncaught.total())]
        print(f"| {name} | {' | '.join(cells)} | {tally.slowest * 1000:.0f} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=["parsers", "api"])
    parser.add_argument("--examples", type=int, default=250, help="per operation and phase")
    parser.add_argument("--iterations", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds-per-input", type=float, default=2.0)
    parser.add_argument("--keep", type=Path, help="write each input that broke something there")
    return parser.parse_args()


sys.exit(main())

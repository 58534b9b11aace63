"""Faults against real processes: one command, a Markdown table.

    python -m tests.chaos [--seed N] [--share S] [--switched-off] [ROW …]

Rows are named as in docs/reliability.md: `R1`, `workers`. `--share 0.1` does a tenth of the
documents and faults. `--switched-off` runs each row with each of its mechanisms missing, in turn,
and says whether the row noticed.
"""

import argparse
import importlib
import random
import sys
from dataclasses import replace

from tests.chaos.row import Outcome, Plan, Row

_ROWS = {
    "R1": "workers",
    "R2": "broker",
    "R3": "database",
    "R4": "together",
    "R5": "zombies",
    "R6": "network",
    "R7": "idempotency",
    "R8": "poison",
    "R9": "restarts",
    "R9b": "services",
    "R10": "cancels",
    "R11": "training",
    "R12": "disk",
    "R13": "artifacts",
    "R14": "migrations",
    "R15": "hangs",
    "R16": "schedules",
    "R17": "steady",
    "R18": "promotion",
    "R19": "leaks",
    "control": "control",
}
"""Modules that hold a `ROW`."""
_HEAD = (
    "| row | fault | work | faults | seconds | measured | target | |\n"
    "|---|---|---|--:|--:|---|---|---|"
)
_HEAD_OFF = "| row | switched off | what the oracle found | noticed |\n|---|---|---|---|"


def main() -> int:
    given = _parse()
    rows = [_load(module) for id_, module in _ROWS.items() if _is_wanted(given.rows, id_, module)]
    plan = Plan(given.seed, given.share)
    print(f"seed {plan.seed}, share {plan.share:g}\n\n{_HEAD_OFF if given.switched_off else _HEAD}")
    good = True
    for row in rows:
        if not given.switched_off:
            outcome = row.run(plan)
            good &= outcome.met
            print(_line(row, outcome), flush=True)
            continue
        for mutation in row.mechanisms:
            outcome = row.run(replace(plan, mutation=mutation))
            good &= not outcome.met
            said = "noticed" if not outcome.met else "**not noticed**"
            print(f"| {row.id} | {mutation.name} | {_found(outcome)} | {said} |", flush=True)
    return int(not good)


def _is_wanted(wanted: list[str], *names: str) -> bool:
    return not wanted or any(name in wanted for name in names)


def _load(module: str) -> Row:
    row: Row = importlib.import_module(f"tests.chaos.{module}").ROW
    return row


def _line(row: Row, outcome: Outcome) -> str:
    said = "; ".join(filter(None, (_found(outcome), outcome.measured)))
    verdict = "met" if outcome.met else "**short**"
    return (
        f"| {row.id} | {row.fault} | {outcome.work} | {outcome.faults} | {outcome.seconds:.0f} "
        f"| {said} | {row.target} | {verdict} |"
    )


def _found(outcome: Outcome) -> str:
    found = "; ".join(f"{count} {what}" for what, count in outcome.violations.items() if count)
    return found or "no violation"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(_ROWS.values()))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--switched-off", action="store_true")
    given = parser.parse_args()
    if unknown := set(given.rows) - {*_ROWS, *_ROWS.values()}:
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    sys.exit(main())

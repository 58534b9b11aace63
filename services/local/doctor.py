"""What Epicrisis needs, checked.

    python -m services.local.doctor [--home DIR] [--json]

Looks at what the environment names, else at the `epicrisis up` of the home. Exits 1 if a check
fails, 0 otherwise.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.local.checks.database import check_database
from services.local.checks.finding import Finding, Level, Place, find_place
from services.local.checks.machine import (
    check_disk,
    check_folders,
    check_gpu,
    check_python,
    check_settings,
)
from services.local.checks.servers import check_api, check_redis
from shared.config import HomeSettings

CHECKS: list[Callable[[Place], Finding | Iterable[Finding]]] = [
    check_python,
    check_settings,
    check_folders,
    check_disk,
    check_database,
    check_redis,
    check_api,
    check_gpu,
]
_MARKS: dict[Level, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "bold red"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="epicrisis doctor")
    parser.add_argument("--home", type=Path, default=HomeSettings().home)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    findings = list(examine(find_place(options.home)))
    failed = any(finding.level == "fail" for finding in findings)
    if options.json:
        checks = [finding.as_dict() for finding in findings]
        print(json.dumps({"object": "doctor", "ok": not failed, "checks": checks}, indent=2))
    else:
        Console(highlight=False).print(_table(findings))
    return 1 if failed else 0


def examine(place: Place) -> Iterator[Finding]:
    """Every finding, in the order of `CHECKS`."""
    for check in CHECKS:
        found = check(place)
        yield from [found] if isinstance(found, Finding) else found


def _table(findings: Iterable[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.level]
        detail = Text(finding.detail)
        if finding.how_to_fix:
            detail.append(f"\n→ {finding.how_to_fix}", style="dim")
        table.add_row(Text(mark, style), Text(finding.check, style), detail)
    return table


if __name__ == "__main__":
    sys.exit(main())

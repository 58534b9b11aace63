"""What becomes of real files: folders go in by `epicrisis submit`, a table says what came out.

    python -m tests.bench.formats FOLDER …

The prompt model is that of `epicrisis up`, so EPICRISIS_PROMPT_MODEL counts.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from services.client.http import Epicrisis
from services.client.submit import Accepted, Refused, submit_paths
from services.client.wait import wait_until_done
from services.local.running import running
from shared.schemas.batches import BatchParameters, ResultLine

WORKERS = 2


@dataclass
class FolderCounts:
    """Of one folder."""

    documents: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    note_types: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, line: ResultLine) -> None:
        self.documents += 1
        if line.error is not None:
            self.errors[f"{line.status}: {line.error.code}"] += 1
        if line.summary is not None:
            self.routes[line.summary.produced_by.route] += 1
            self.note_types[line.note_type or "none"] += 1
            self.warnings.update(line.summary.warnings)


def submit(client: Epicrisis, folder: Path) -> FolderCounts:
    counts, batches = FolderCounts(), []
    for part in submit_paths(client, [folder], BatchParameters()):
        match part:
            case Accepted(batch=batch):
                batches.append(batch.id)
            case Refused(error=error):
                counts.errors[f"refused: {error.code}"] += 1
            case skipped:
                counts.errors[f"skipped: {skipped.reason}"] += 1
    wait_until_done(client, batches)
    for name in batches:
        for line in client.results(name):
            counts.add(line)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.formats")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    folders = parser.parse_args().folders
    print(
        "| folder | files | documents | summaries | note types | warnings | rejected or skipped |"
    )
    print("|---|--:|--:|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="epicrisis-formats-") as home:
        began = time.monotonic()
        with (
            running(Path(home), workers=WORKERS) as ready,
            Epicrisis(ready.api_url, ready.api_key) as client,
        ):
            for folder in folders:
                files = sum(path.is_file() for path in folder.rglob("*"))
                print(_row(folder.name, files, submit(client, folder)), flush=True)
    print(f"\n{time.monotonic() - began:.0f} s, {WORKERS} workers")
    return 0


def _row(name: str, files: int, counts: FolderCounts) -> str:
    counted = (counts.routes, counts.note_types, counts.warnings, counts.errors)
    texts = [
        "; ".join(f"{count:,} {what}" for what, count in counter.most_common())
        for counter in counted
    ]
    return f"| {name} | {files} | {counts.documents:,} | {' | '.join(texts)} |"


if __name__ == "__main__":
    sys.exit(main())

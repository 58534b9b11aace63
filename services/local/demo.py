"""The whole of it in three minutes.

    python -m services.local.demo [--home DIR] [--json]

Starts everything on this machine, submits `samples/documents`, shows each summary with where it
comes from, then trains a model on `samples/datasets`, promotes it, asks it what the prompt was
asked, and stops everything. Exits 0 if documents were summarized and the trained model served; the
samples hold a record that has to be rejected. Without --home the data lies in a temporary folder,
which is removed.
"""

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from services.client.cli.output import err, report
from services.client.cli.progress import duration, follow
from services.client.cli.result_view import result_panel
from services.client.cli.submit import tell
from services.client.errors import EpicrisisClientError
from services.client.http import Epicrisis
from services.client.submit import Accepted, submit_paths
from services.client.wait import total_counts
from services.local.capacity import default_summarizers
from services.local.demo_loop import loop_as_json, run_loop, show_loop
from services.local.running import running
from shared.errors import EpicrisisError, Misconfigured
from shared.schemas.batches import BatchAnswer, BatchParameters, ResultLine, RouteCounts

SAMPLES = "samples"
SAMPLE_DOCUMENTS = "documents"
QUESTIONS = "datasets/questions.ndjson"
_SHOWN = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0 summaries were made, 1 error, 3 none was made."""
    parser = argparse.ArgumentParser(prog="epicrisis demo")
    parser.add_argument("--home", type=Path, help="keep the data there")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    # Without this a SIGTERM would leave everything running and the temporary folder lying.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with _home(options.home) as home:
            return demonstrate(home, find_samples(), as_json=options.json)
    except EpicrisisError as error:
        code, message, how_to_fix = error.error_code, error.detail, error.how_to_fix
    except EpicrisisClientError as error:
        code, message, how_to_fix = error.code, error.message, error.how_to_fix
    report(message, code, how_to_fix, as_json=options.json)
    return 1


def demonstrate(home: Path, samples: Path, *, as_json: bool) -> int:
    began = monotonic()
    with _everything(home) as client:
        started = monotonic()
        told = list(tell(submit_paths(client, [samples / SAMPLE_DOCUMENTS], BatchParameters())))
        batches = follow(client, [each.batch.id for each in told if isinstance(each, Accepted)])
        finished = monotonic()
        lines = [line for batch in batches for line in client.results(batch.id)]
        if not as_json:
            for line in lines:
                source = client.document_text(line.document_id) if line.summary else None
                _SHOWN.print(result_panel(line, source=source))
        loop = run_loop(client, samples / QUESTIONS)
        if not as_json:
            show_loop(_SHOWN, loop)
        err.print("Stopping")
    seconds = {"start": started - began, "summarize": finished - started, **loop.seconds}
    if as_json:
        told_as_json = {**_as_json(batches, lines, seconds), "loop": loop_as_json(loop)}
        print(json.dumps(told_as_json, indent=2, ensure_ascii=False))
    else:
        _SHOWN.print(_totals(batches, seconds))
        _SHOWN.print(
            "With your own: `epicrisis up` here, `epicrisis submit PATH --wait` beside it."
        )
    fine_tuned = all(each.produced_by.route == "fine_tuned" for each in loop.after)
    return 0 if total_counts(batches).completed and fine_tuned else 3


def find_samples() -> Path:
    """`samples/` of the repository, or of the current folder. Raises Misconfigured."""
    for folder in (Path(__file__).parents[2] / SAMPLES, Path.cwd() / SAMPLES):
        if folder.is_dir():
            return folder
    raise Misconfigured(
        "There is no folder samples/ to show.", how_to_fix="Run it in the repository."
    )


@contextmanager
def _home(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with TemporaryDirectory(prefix="epicrisis-demo-") as folder:
        yield Path(folder)


@contextmanager
def _everything(home: Path) -> Iterator[Epicrisis]:
    """A client of everything, once it runs, until the end of the block."""
    with ExitStack() as stack:
        with err.status("Starting Postgres, Valkey, the API, the dispatcher and the workers"):
            ready = stack.enter_context(running(home, workers=default_summarizers()))
        err.print(f"[green]✓[/] Everything runs at {ready.api_url}")
        yield stack.enter_context(Epicrisis(ready.api_url, ready.api_key))


def _totals(batches: Sequence[BatchAnswer], seconds: Mapping[str, float]) -> Table:
    counts = total_counts(batches)
    table = Table(title="What came of it", title_justify="left", show_header=False)
    for name, value in counts.model_dump().items():
        if value:
            table.add_row(name, f"{value:,}")
    for route in RouteCounts.model_fields:
        if made := sum(getattr(batch.routes, route) for batch in batches):
            table.add_row(f"by the route {route.replace('_', ' ')}", f"{made:,}")
    for name, taken in seconds.items():
        table.add_row(f"time to {name}", duration(taken))
    return table


def _as_json(
    batches: Sequence[BatchAnswer], lines: Sequence[ResultLine], seconds: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "object": "demo",
        "request_counts": total_counts(batches).model_dump(),
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "batches": [batch.model_dump(mode="json") for batch in batches],
        "results": [line.model_dump(mode="json") for line in lines],
    }


if __name__ == "__main__":
    sys.exit(main())

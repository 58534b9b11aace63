"""R13: a model's files are damaged, wherever they lie."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from shared.schemas.registry import PromoteRequest
from shared.schemas.summaries import SummaryAnswer
from tests.chaos.damage import files_of, harm
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation, environment
from tests.chaos.parrots import NOTE_TYPE, SENTENCES, add_parrots, parrot_note
from tests.chaos.row import Outcome, Plan, Row

_PATIENCE_SECONDS = 3_600.0
_WHY = ("model_unusable", "no_fine_tuned_model")
"""While it is found out, and once it is known."""
_ARTIFACTS = "SELECT artifact FROM model_versions ORDER BY number"


def run(plan: Plan) -> Outcome:
    began, damages = time.monotonic(), plan.of(1_000, 40)
    found = _without_processes(plan, damages)
    with tempfile.TemporaryDirectory(prefix="epicrisis-chaos-") as folder:
        own = {name: f"{folder}/{name}" for name in ("models", "engines")}
        given = {f"EPICRISIS_{name.upper()}": path for name, path in own.items()}
        given["EPICRISIS_COMPUTE_TYPE"] = "float32"
        with house(plan, workers=1, environment=given) as home:
            add_parrots(home, Path(folder))
            promotions = _with_processes(home, Path(folder), found)
    seconds = time.monotonic() - began
    measured = f"{promotions} of them through promotions"
    return Outcome("2 versions", damages + promotions, seconds, found, measured)


def _without_processes(plan: Plan, damages: int) -> Counter[str]:
    """See `damaging`."""
    with tempfile.TemporaryDirectory(prefix="epicrisis-chaos-") as folder:
        site = Path(folder) / "site"
        given = {"EPICRISIS_ARTIFACTS_URL": str(site / "store"), **environment(plan.mutation)}
        argv = [sys.executable, "-m", "tests.chaos.damaging"]
        done = subprocess.run(
            [*argv, str(site), str(plan.seed), str(damages)],
            env={**os.environ, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS,
            check=True,
        )
    return Counter(json.loads(done.stdout.splitlines()[-1]))


def _with_processes(home: House, folder: Path, found: Counter[str]) -> int:
    """Before a promotion, and under a version that serves; how many damages were done."""
    first, second, third = (row[0] for row in home.ask(_ARTIFACTS))
    store, fetched = home.home / "artifacts" / "artifacts", folder / "models"
    dice = home.dice
    _promote(home, 1)
    found["version 1 did not serve"] += not _is_served_by(home, 1)

    harm(dice, files_of(store / second), files_of(store / third))
    strangers = files_of(store / second)
    _promote(home, 2)
    found["a damaged version that was promoted"] += not _is_served_by(home, None)
    home.admin.model_registry.roll_back(NOTE_TYPE, "it is damaged")
    found["version 1 did not serve after a rollback"] += not _is_served_by(home, 1)

    # Only version 1 has been converted so far.
    for place in (fetched / first, folder / "engines"):
        harm(dice, files_of(place), strangers)
    home.kill("summarization")
    found["version 1 was not fetched again"] += not _is_served_by(home, 1)

    _promote(home, 3)
    found["version 3 did not serve"] += not _is_served_by(home, 3)
    for place in (fetched / third, store / third):
        harm(dice, files_of(place), strangers)
    home.kill("summarization")
    found["a version that was damaged everywhere"] += not _is_served_by(home, None)
    return 5


def _promote(home: House, number: int) -> None:
    request = PromoteRequest(version=number, reason="it says one sentence", override=True)
    home.admin.model_registry.promote(NOTE_TYPE, request)


def _is_served_by(home: House, number: int | None) -> bool:
    """Whether a note is answered by that version, in its words; None: by the prompt, and why."""
    summary = home.client.summarize(parrot_note(5), note_type=NOTE_TYPE, wait=60)
    if not isinstance(summary, SummaryAnswer):
        return False
    made = summary.produced_by
    if number is None:
        return made.route == "prompt" and made.reason in _WHY
    said = (made.model_version, summary.text)
    return said == (f"models:/{NOTE_TYPE}/{number}", SENTENCES[number - 1])


ROW = Row(
    "R13",
    "bits of a model's files flipped, files cut off, swapped and removed",
    "refused before it is loaded; the old version serves",
    run,
    (
        Mutation(
            "what lies on this machine is not checked",
            "workers.inference.artifacts",
            "return describe_folder(folder).digest == folder.name",
            "return bool(describe_folder(folder).digest)",
        ),
        Mutation(
            "the converted form is not checked",
            "workers.inference.manifest",
            "file_digest(directory / name) == digest for name",
            "(directory / name).is_file() for name",
        ),
    ),
)

"""R11: SIGKILLs of a run's trainer and supervisor: the same model comes out, nothing is left."""

import json
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from services.local.home import READY_FILE
from services.local.ready import Ready, read_ready
from services.local.running import running
from shared.ids import new_id
from shared.storage import Storage
from tests.chaos.mutations import environment as mutated
from tests.chaos.row import Outcome, Plan, Row
from tests.factories.models import make_llama
from tests.fixtures.processes import superuser_url

STEPS = 3_000
_PATIENCE = 120.0
_MOST_DEATHS = 2
"""Without a new checkpoint; a third one ends a run, as it should."""
_RECORDED_SECONDS = 1.5
"""Until the supervisor has written down that there is a checkpoint."""
_TEXT = (
    "cough fever ankle knee rash asthma insulin aspirin walks sleeps eats plain sharp dull left "
    "right morning evening week month clear swollen tender warm dry healed broken stable worse "
    "better daughter garden stairs bread kettle window letter harbour violin candle"
)
_KNOBS = {
    "max_steps": STEPS,
    "token_budget": 256,
    "max_target_length": 16,
    "eval_steps": STEPS,
    "save_steps": 25,
    "validation_sample": 1,
    "precision": "float32",
    "early_stopping": {"patience": None},
}


def run(plan: Plan) -> Outcome:
    """A run left alone, and the same run under kills."""
    began, dice, kills = time.monotonic(), random.Random(plan.seed), plan.of(20, 2)
    with tempfile.TemporaryDirectory(prefix="epicrisis-chaos-") as folder:
        home = Path(folder) / "home"
        with running(home, environment=_environment(Path(folder), plan)) as ready:
            client = httpx2.Client(
                base_url=ready.api_url,
                headers={"Authorization": f"Bearer {ready.api_key}"},
                timeout=60,
            )
            _add_base(home, ready, make_llama(Path(folder) / "tiny"))
            _add_dataset(client)
            alone = _final(client, _begin(client))
            harassed = _begin(client)
            killed = _harass(home, Path(folder) / "runs", harassed, dice, kills)
            found = dict.fromkeys(_differences(ready, alone, _final(client, harassed)), 1)
            found["processes left"] = _left(folder)
    return Outcome("1 run of 3,000 steps", killed, time.monotonic() - began, found)


def _environment(folder: Path, plan: Plan) -> dict[str, str]:
    return {
        **mutated(plan.mutation),
        "EPICRISIS_LEASE_SECONDS": "3",
        "EPICRISIS_SCAN_SECONDS": "1",
        "EPICRISIS_PROMPT_MODEL": "",
        "EPICRISIS_COMPUTE_TYPE": "float32",
        "EPICRISIS_TRAINING_THREADS": "1",
        "EPICRISIS_RUNS": str(folder / "runs"),
        "EPICRISIS_MODELS": str(folder / "models"),
        "EPICRISIS_ENGINES": str(folder / "engines"),
    }


def _add_base(home: Path, ready: Ready, folder: Path) -> None:
    """As if it had been imported."""
    artifact = Storage(str(home / "artifacts")).publish(folder).digest
    with psycopg.connect(superuser_url(home, ready)) as connection:
        connection.execute(
            "INSERT INTO bases (id, tenant_id, name, source, status, kind, architecture, artifact) "
            "SELECT %s, id, 'tiny', 'tiny', 'ready', 'decoder', 'LlamaForCausalLM', %s "
            "FROM tenants",
            (new_id(), artifact),
        )


def _add_dataset(client: httpx2.Client) -> None:
    dice = random.Random(0)
    rows = []
    for number in range(24):
        words = dice.sample(_TEXT.split(), 14)
        rows.append(
            {
                "source": f"Person {number}: {' '.join(words)}.",
                "target": f"{' '.join(words[:4])}.",
                "group_id": f"p{number}",
                "split": "train" if number < 18 else "validation",
            }
        )
    client.post(
        "/v1/datasets/visits/versions",
        params={"note_type": "visit", "permitted_use": "training", "origin": "chaos"},
        content=b"\n".join(json.dumps(row).encode() for row in rows),
        headers={"Content-Type": "application/x-ndjson"},
    ).raise_for_status()
    _until(lambda: client.get("/v1/datasets/visits/versions/1").json()["status"] == "ready")


def _begin(client: httpx2.Client) -> str:
    body = {
        "note_type": "visit",
        "dataset": "visits@1",
        "base_model": "tiny",
        "hyperparameters": _KNOBS,
    }
    answer = client.post("/v1/training-runs", json=body)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _harass(home: Path, runs: Path, run: str, dice: random.Random, kills: int) -> int:
    """Trainer and supervisor by turns of chance; never three deaths without a new checkpoint."""
    folder = runs / run.partition("_")[2]
    killed, deaths, last = 0, 0, -1
    while killed < kills:
        _until(partial(_group, folder))
        time.sleep(dice.uniform(0.0, 3.0))
        if deaths == _MOST_DEATHS:
            _until(partial(_has_passed, folder, last))
            time.sleep(_RECORDED_SECONDS)
        group, newest = _group(folder), _checkpoint(folder)
        if group is None:
            continue
        deaths, last = (1 if newest > last else deaths + 1), newest
        with suppress(ProcessLookupError):
            if dice.choice((True, False)):
                os.killpg(group, signal.SIGKILL)
            else:
                os.kill(_supervisor(home), signal.SIGKILL)
        killed += 1
        _until(partial(_has_ended, folder, group))
    return killed


def _supervisor(home: Path) -> int:
    pids = read_ready(home / READY_FILE).pids["training"]
    assert isinstance(pids, list)
    return pids[0]


def _has_passed(folder: Path, step: int) -> bool:
    return _checkpoint(folder) > step


def _has_ended(folder: Path, group: int) -> bool:
    return _group(folder) != group


def _group(folder: Path) -> int | None:
    """What trains in the folder, if it lives."""
    with suppress(OSError, ValueError):
        group = int((folder / "trainer.lock").read_text())
        os.killpg(group, 0)
        return group
    return None


def _checkpoint(folder: Path) -> int:
    """The newest one's step."""
    names = (path.name.rpartition("-")[2] for path in (folder / "checkpoints").glob("checkpoint-*"))
    return max((int(name) for name in names if name.isdigit()), default=-1)


def _final(client: httpx2.Client, run: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        answer: dict[str, Any] = client.get(f"/v1/training-runs/{run}").json()
        return answer if answer["status"] in ("succeeded", "failed", "cancelled") else None

    found: dict[str, Any] = _until(look, 600.0)
    return found


def _differences(ready: Ready, alone: dict[str, Any], harassed: dict[str, Any]) -> list[str]:
    if harassed["status"] != "succeeded" or alone["status"] != "succeeded":
        return [f"the runs {alone['status']} and {harassed['status']}: {harassed['error']}"]
    found = []
    with psycopg.connect(ready.database_url) as connection:
        digests = connection.execute("SELECT DISTINCT artifact FROM model_versions").fetchall()
        if len(digests) != 1:
            found.append("another model")
        points = connection.execute(
            "SELECT count(*) FROM training_points a WHERE NOT EXISTS ("
            "SELECT FROM training_points b WHERE a.run_id <> b.run_id AND a.step = b.step "
            "AND a.measured->'train_loss' IS NOT DISTINCT FROM b.measured->'train_loss' "
            "AND a.measured->'validation_loss' IS NOT DISTINCT FROM b.measured->'validation_loss')"
        ).fetchone()
        if points is not None and points[0]:
            found.append(f"{points[0]} other points")
    return found


def _left(folder: str) -> int:
    """Processes that were told of the run's folder."""
    count = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            count += f"{folder}/runs".encode() in path.read_bytes()
    return count


def _until(condition: Callable[[], Any], seconds: float = _PATIENCE) -> Any:  # noqa: ANN401
    """What it says once it is true. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx2.HTTPError, KeyError, ValueError):
            if found := condition():
                return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


ROW = Row(
    "R11",
    "SIGKILL of a run's trainer and supervisor at random moments, × 20",
    "the same model and points as of an unbroken run, no process left",
    run,
)

"""From a directory of weights to what serves, and back again, with the real processes."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.client.datasets import Provenance
from services.client.errors import ApiError
from services.client.example_files import Examples
from services.client.http import Epicrisis
from services.local.running import running
from shared.schemas.registry import PromoteRequest
from shared.schemas.retention import TenantSettings
from shared.schemas.summaries import SummaryAnswer
from shared.schemas.training import BaseRequest, TrainingRequest
from tests.factories.models import make_bart
from tests.fixtures.openai_server import OpenAIServer
from tests.flow.conftest import PACE, Flow

pytestmark = pytest.mark.flow
SECRET = "Quillfeather"
LEARNED = "Rest and fluids were advised."
NOTE = f"Ms. {SECRET} has coughed for 3 days. She has no fever. {LEARNED}"
SETTINGS = {
    "learning_rate": 0.01,
    "max_steps": 60,
    "eval_steps": 20,
    "label_smoothing": 0.0,
    "num_beams": 1,
    "validation_sample": 4,
}


def rows() -> bytes:
    complaints = ("cough", "fever", "headache", "rash", "back pain", "nausea", "cramps", "fatigue")
    made = [
        {
            "source": f"Visit {n}. Mr. {SECRET} {n} came with {complaints[n % 8]} of {n} days. "
            f"{LEARNED}",
            "target": LEARNED,
            "group_id": f"{SECRET}-{n}",
            "split": "train" if n < 40 else "validation" if n < 46 else "test",
        }
        for n in range(50)
    ]
    return "".join(f"{json.dumps(row)}\n" for row in made).encode()


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer) -> Iterator[Flow]:
    home = tmp_path_factory.mktemp("training")
    environment = {
        **PACE,
        "EPICRISIS_DEADLINE_SECONDS": "60",
        "EPICRISIS_PROMPT_MODEL": model.setting,
        "EPICRISIS_RUNS": str(home / "runs"),
        "EPICRISIS_MODELS": str(home / "models"),
        "EPICRISIS_ENGINES": str(home / "engines"),
    }
    with (
        running(home, workers=1, environment=environment) as ready,
        Epicrisis(ready.api_url, ready.admin_key) as client,
    ):
        client.configure_tenant("default", TenantSettings(remote_prompts=True))
        yield Flow(home, ready, client)


def way(flow: Flow) -> tuple[str, str | None]:
    summary = flow.client.summarize(NOTE, note_type="visit", wait=30)
    assert isinstance(summary, SummaryAnswer)
    return summary.produced_by.route, summary.produced_by.model_version


def test_from_a_directory_to_production_and_back(training: Flow, tmp_path: Path) -> None:
    client = training.client
    folder = make_bart(tmp_path / "tiny-bart")
    client.import_base(BaseRequest(source=str(folder), name="tiny-bart", languages=["en"]))
    *_, base = client.watch_base("tiny-bart")
    assert (base.status, base.kind) == ("ready", "encoder_decoder")

    given = Provenance("visit", permitted_use="training")
    examples = Examples(rows(), "application/x-ndjson", None, None)
    *_, version = client.watch_dataset(
        "visits", client.add_dataset("visits", examples, given).number
    )
    assert version.status == "ready"

    request = {
        "note_type": "visit",
        "dataset": "visits@1",
        "base_model": "tiny-bart",
        "method": "full",
        "hyperparameters": SETTINGS,
    }
    run = client.train(TrainingRequest.model_validate(request))
    *_, run = client.watch_run(run.id)
    assert (run.status, run.model_version) == ("succeeded", "models:/visit/1"), run.error
    losses = [point.values.get("validation_loss") for point in client.run_points(run.id)]
    known = [loss for loss in losses if loss is not None]
    assert known[-1] < known[0]

    assert run.evaluation is not None
    *_, evaluation = client.watch_evaluation(run.evaluation)
    assert evaluation.status == "ready", evaluation.error
    assert evaluation.figures is not None
    names = {each.name for each in evaluation.figures.candidates}
    assert {"models:/visit/1", "production", "lead", "copy_nearest", "constant"} <= names

    assert way(training)[0] == "prompt"
    _promote(client)
    assert way(training) == ("fine_tuned", "models:/visit/1")
    client.model_registry.demote("visit", "back to the prompt")
    assert way(training)[0] == "prompt"
    actions = [line.action for line in client.model_registry.history("visit")]
    assert actions == ["demote", "promote"]


def _promote(client: Epicrisis) -> None:
    """Four examples prove nothing: the gate refuses."""
    request = PromoteRequest(version=1, reason="it learned")
    with pytest.raises(ApiError) as refused:
        client.model_registry.promote("visit", request)
    assert refused.value.code == "gate_not_passed"
    client.model_registry.promote("visit", request.model_copy(update={"override": True}))


def test_no_word_of_an_example_leaves_its_sealed_columns(training: Flow) -> None:
    """Runs after the test above, on what that left behind."""
    for path in training.home.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    with psycopg.connect(training.started.database_url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f"SELECT t::text FROM {table} t"):
                assert SECRET not in row, table

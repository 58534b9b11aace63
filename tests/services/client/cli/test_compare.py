"""`compare` against the real API, without a network between them."""

import json

import httpx2
import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from services.client.cli.compare_view import evaluation_view
from services.client.cli.main import run
from services.client.cli.output import out
from shared.schemas.evaluations import METRICS, EvaluationAnswer
from tests.factories.registry import add_model_version, figures
from tests.factories.training import ready_dataset
from tests.fixtures.ledger import Ledger


def test_a_number_is_a_version_of_the_note_type(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_model_version(ledger, 3, ready_dataset(ledger))
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", ledger.new_key())
    with TestClient(create_app(ledger.api, ledger.vault)) as api:

        def forward(request: httpx2.Request) -> httpx2.Response:
            answer = api.request(
                request.method,
                request.url.raw_path.decode(),
                content=request.read(),
                headers=dict(request.headers),
            )
            capsys.readouterr()
            return httpx2.Response(answer.status_code, content=answer.content)

        transport = httpx2.MockTransport(forward)
        asked = ["compare", "visit", "3", "extractive", "--dataset", "visits@1", "--json"]
        assert run(asked, transport=transport) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["candidates"] == ["models:/visit/3", "extractive", "production"]
        assert run([*asked[:2], "best", *asked[4:]], transport=transport) == 2


def test_all_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures("models:/visit/3", "production", dict.fromkeys(METRICS, (0.25, 0.2, 0.3)))
    answer = EvaluationAnswer(
        id="eval_1",
        status="ready",
        note_type="visit",
        candidates=["models:/visit/3", "production"],
        production=None,
        dataset="visits@1",
        split="test",
        limit=None,
        metric="rougeL",
        run=None,
        step=None,
        percentage_done=100.0,
        batches={},
        figures=found.model_copy(update={"remarks": ["It copies."]}),
        cases=None,
        error=None,
        created_at="2026-01-01T00:00:00Z",
        ready_at="2026-01-01T00:00:00Z",
    )
    out.print(evaluation_view(answer))
    said = capsys.readouterr().out
    for part in ("models:/visit/3", "production", "25.0 %", "20.0\u201330.0", "It copies."):
        assert part in said

"""Evaluations through HTTP: asked for, seen by whom they may be seen, deleted."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from services.api.main import create_app
from shared.evaluations.compare import Comparison
from shared.evaluations.read import Sample
from shared.evaluations.remark import remark
from shared.evaluations.score import Scorer
from shared.ids import parse_id
from shared.schemas.evaluations import Case, Cases
from shared.tables import Evaluation
from tests.factories.registry import add_model_version
from tests.factories.training import ready_dataset
from tests.fixtures.ledger import Ledger

SOURCE = "Seen for a cough of three days. The chest is clear. We agreed on rest."
BODY = {"note_type": "visit", "candidates": ["extractive"], "dataset": "visits@1"}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    ready_dataset(ledger)
    headers = {"Authorization": f"Bearer {ledger.new_key()}"}
    with TestClient(create_app(ledger.api, ledger.vault), headers=headers) as client:
        yield client


def ready(ledger: Ledger, evaluation: str) -> None:
    """As a background worker leaves it."""
    comparison = Comparison(
        {"extractive": "candidate", "production": "production", "lead": "baseline"}
    )
    for line in range(1, 7):
        sample = Sample(line, "visit", f"{SOURCE} {'Later. ' * line}", "A cough; rest.")
        scorer = Scorer(sample.source, sample.reference)
        said = {"extractive": "Seen for a cough.", "production": "Fever of 40.", "lead": SOURCE}
        scores = {name: scorer.score(text, coverage=1.0) for name, text in said.items()}
        comparison.add(sample, scores, leaks=line == 1)
    figures = comparison.figures("rougeL", excluded=2)
    said_of = remark(figures, "rougeL", reference_words=comparison.reference_words)
    figures = figures.model_copy(update={"remarks": said_of})
    case = Case(
        candidate="extractive",
        kind="worst",
        line=1,
        score=12.0,
        source="Quillfeather <b>coughs</b>.",
        reference="A cough.",
        summary="",
    )
    row = parse_id("eval", evaluation)
    sealed = ledger.opened().seal(Cases(cases=[case]).model_dump_json(), row=row, field="cases")
    with ledger.owner.transaction(ledger.tenant) as session:
        session.execute(
            update(Evaluation)
            .where(Evaluation.id == row)
            .values(status="ready", figures=figures.model_dump(mode="json"), cases_sealed=sealed)
        )


def test_it_is_queued_with_production_beside_the_candidates(client: TestClient) -> None:
    answer = client.post("/v1/evaluations", json=BODY | {"limit": 5})
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["Location"] == f"/v1/evaluations/{body['id']}"
    assert (body["status"], body["candidates"]) == ("queued", ["extractive", "production"])
    assert (body["dataset"], body["split"], body["limit"]) == ("visits@1", "test", 5)
    assert client.get("/v1/evaluations").json()["data"] == [body]
    assert "queued" in client.get(f"/v1/evaluations/{body['id']}/report").text


def test_cases_are_for_those_who_may_read_datasets(client: TestClient, ledger: Ledger) -> None:
    evaluation = client.post("/v1/evaluations", json=BODY).json()["id"]
    ready(ledger, evaluation)
    url = f"/v1/evaluations/{evaluation}"
    seen = client.get(url).json()
    assert [case["line"] for case in seen["cases"]] == [1]
    assert (seen["figures"]["leak_free"], seen["figures"]["excluded"]) == (5, 2)
    page = client.get(f"{url}/report").text
    assert "Quillfeather &lt;b&gt;coughs&lt;/b&gt;" in page
    assert "Faithfulness rose" in page
    assert page.count("<svg") == 8
    assert client.get("/v1/evaluations").json()["data"][0]["cases"] is None
    trainer = {"Authorization": f"Bearer {ledger.new_key(None, 'training:read')}"}
    without = client.get(url, headers=trainer).json()
    assert (without["cases"], without["figures"]) == (None, seen["figures"])
    assert "Quillfeather" not in client.get(f"{url}/report", headers=trainer).text
    assert client.delete(url, headers=trainer).status_code == 403
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"note_type": "nothing_such"}, "unknown_note_type"),
        ({"candidates": ["models:/visit/7"]}, "unknown_model_version"),
        ({"candidates": ["models:/visit/1"]}, "unknown_model_version"),
        ({"candidates": ["models:/discharge/1"]}, "candidate_of_other_note_type"),
        ({"candidates": ["prompts:/visit/99"]}, "unknown_prompt_version"),
        ({"split": "validation", "dataset": "bare@1"}, "nothing_to_evaluate"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_at_once(
    client: TestClient, ledger: Ledger, given: dict[str, object], code: str
) -> None:
    dataset = ready_dataset(ledger, "bare", splits=("train", "test"))
    add_model_version(ledger, 1, dataset, status="withdrawn")
    answer = client.post("/v1/evaluations", json=BODY | given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert client.get("/v1/evaluations").json()["data"] == []

"""Reviews over HTTP, on a real database."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import text

from services.api.main import create_app
from shared.documents.ledger import Claim
from shared.ids import public_id
from tests.fixtures.ledger import Ledger

SOURCE = "Chest pain since Monday. No fever."


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def summarize(ledger: Ledger, *texts: str, note_type: str = "general") -> list[str]:
    """Their summaries' ids, oldest first."""
    batch = ledger.submit(*texts, note_type=note_type)
    claims: list[Claim] = []
    while claimed := ledger.claim():
        claims += claimed
    for one in sorted(claims, key=lambda claim: claim.document):
        ledger.complete(one)
    lines = ledger.results(batch)
    return [line.summary.id for line in lines if line.summary]


def run(ledger: Ledger, statement: str) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text(statement))


def following(client: TestClient, **params: str) -> str | None:
    """The summary that is offered."""
    answer = client.get("/v1/reviews/next", params=params)
    if answer.status_code == 204:
        assert not answer.content
        return None
    assert answer.status_code == 200, answer.text
    return str(answer.json()["summary"]["id"])


def say(client: TestClient, summary: str, verdict: str, **more: Any) -> Response:  # noqa: ANN401 - JSON
    return client.post(f"/v1/summaries/{summary}/review", json={"verdict": verdict, **more})


def test_the_newest_review_holds_and_the_summary_stays_as_it_was(
    client: TestClient, ledger: Ledger
) -> None:
    [summary] = summarize(ledger, SOURCE)
    before = client.get(f"/v1/summaries/{summary}").json()
    assert before["review"] == {"state": "none"}
    first = say(client, summary, "edited", text="Chest pain. Afebrile.")
    assert first.status_code == 201, first.text
    assert first.json()["text"] == "Chest pain. Afebrile."
    assert first.json()["reviewer"].startswith("key_")
    say(client, summary, "rejected")
    after = client.get(f"/v1/summaries/{summary}").json()
    assert after == before | {"review": {"state": "rejected"}}
    page = client.get(f"/v1/summaries/{summary}/reviews").json()
    assert [(each["verdict"], each["text"]) for each in page["data"]] == [
        ("rejected", None),
        ("edited", "Chest pain. Afebrile."),
    ]
    one = client.get(f"/v1/summaries/{summary}/reviews", params={"limit": 1}).json()
    assert one["has_more"]
    past = {"after": one["data"][0]["id"]}
    older = client.get(f"/v1/summaries/{summary}/reviews", params=past).json()
    assert [each["verdict"] for each in older["data"]] == ["edited"]


@pytest.mark.parametrize(
    "body",
    [
        {"verdict": "edited"},
        {"verdict": "edited", "text": " \n"},
        {"verdict": "accepted", "text": "Said better."},
        {"verdict": "none"},
        {},
    ],
)
def test_a_text_comes_with_an_edit_only(
    client: TestClient, ledger: Ledger, body: dict[str, str]
) -> None:
    [summary] = summarize(ledger, SOURCE)
    refused = client.post(f"/v1/summaries/{summary}/review", json=body)
    assert refused.status_code == 422
    assert "Said better" not in refused.text
    assert client.get(f"/v1/summaries/{summary}/reviews").json()["data"] == []


def test_an_edit_is_sealed_and_its_audit_says_no_word_of_it(
    client: TestClient, ledger: Ledger
) -> None:
    [summary] = summarize(ledger, SOURCE)
    say(client, summary, "edited", text="Quillfeather is well.")
    [event] = client.get("/v1/audit", params={"action": "summary.review"}).json()["data"]
    assert (event["objects"][0], event["details"]) == (summary, {"verdict": "edited"})
    with ledger.owner.transaction() as session:
        rows = session.execute(
            text("SELECT reviews::text || audit_events::text FROM reviews, audit_events")
        )
        assert not [row for row in rows if "Quillfeather" in row[0]]


def test_a_withdrawn_summary_is_not_reviewed_and_a_purged_one_is_gone(
    client: TestClient, ledger: Ledger
) -> None:
    [summary] = summarize(ledger, SOURCE)
    run(ledger, "UPDATE documents SET withdrawn_at = now()")
    assert following(client) is None
    refused = say(client, summary, "accepted")
    assert (refused.status_code, refused.json()["code"]) == (409, "summary_withdrawn")
    run(ledger, "UPDATE documents SET withdrawn_at = NULL")
    run(ledger, "UPDATE batches SET results_expire_at = now()")
    assert following(client) is None
    assert say(client, summary, "accepted").status_code == 410
    assert client.get(f"/v1/summaries/{summary}/reviews").status_code == 410
    assert client.get(f"/v1/summaries/{summary}/explain").status_code == 410
    assert client.get("/v1/summaries").json()["data"] == []


def test_next_offers_a_summary_beside_its_source_to_one_reviewer_for_a_while(
    client: TestClient, ledger: Ledger
) -> None:
    summaries = summarize(ledger, SOURCE, SOURCE + " 2")
    task = client.get("/v1/reviews/next").json()
    assert task["text"].startswith(SOURCE)
    first, second = task["summary"]["id"], following(client)
    assert {first, second} == set(summaries)
    assert following(client) is None
    say(client, first, "accepted")
    run(ledger, "UPDATE summaries SET offered_until = now() WHERE offered_until IS NOT NULL")
    assert following(client) == second
    assert following(client) is None


def test_flagged_offers_the_newest_with_a_finding(client: TestClient, ledger: Ledger) -> None:
    summaries = summarize(ledger, "one", "two", "three")
    run(ledger, "UPDATE summaries SET findings = 1")
    with ledger.owner.transaction() as session:
        newest = session.scalar(text("SELECT max(id::text)::uuid FROM summaries"))
        session.execute(text("UPDATE summaries SET findings = 0 WHERE id = :id"), {"id": newest})
    left = sorted(set(summaries) - {public_id("sum", newest)}, reverse=True)
    offered = [following(client, select="flagged") for _ in range(3)]
    assert offered == [*left, None]
    assert following(client) == public_id("sum", newest)


def test_next_of_one_note_type(client: TestClient, ledger: Ledger) -> None:
    summarize(ledger, *(f"note {number}" for number in range(40)))
    [visit] = summarize(ledger, "visit", note_type="visit")
    assert following(client, note_type="visit") == visit
    assert following(client, note_type="visit") is None


def test_a_reviewer_needs_the_scope_and_sees_no_other_tenants(
    client: TestClient, ledger: Ledger
) -> None:
    [summary] = summarize(ledger, SOURCE)
    say(client, summary, "edited", text="Mine.")
    run(ledger, "UPDATE summaries SET review_state = 'none'")
    other = ledger.new_tenant("ward-2")
    theirs = {"Authorization": f"Bearer {ledger.new_key(other)}"}
    for path in ("reviews", "explain"):
        answer = client.get(f"/v1/summaries/{summary}/{path}", headers=theirs)
        assert answer.status_code == 404
    assert client.get("/v1/reviews/next", headers=theirs).status_code == 204
    assert client.get("/v1/summaries", headers=theirs).json()["data"] == []
    reader = {"Authorization": f"Bearer {ledger.new_key(None, 'summaries:read')}"}
    assert client.get("/v1/reviews/next", headers=reader).status_code == 403


def test_erasing_a_batch_erases_its_reviews(client: TestClient, ledger: Ledger) -> None:
    documents = [
        {"text": SOURCE, "subject": "Patient/1"},
        {"text": "Kept.", "subject": "Patient/2"},
    ]
    client.post("/v1/batches", json={"documents": documents})
    ledger.complete(*ledger.claim())
    listed = client.get("/v1/summaries").json()["data"]
    for each in listed:
        say(client, each["id"], "edited", text="Said better.")
    erased = client.request("DELETE", "/v1/subjects", json={"subject": "Patient/1"})
    assert erased.json()["summaries"] == 1
    with ledger.owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM reviews")) == 1

"""Three tenants, every route, every object: nobody sees or changes what is another's."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.api.dependencies import Access
from services.api.main import create_app
from shared.schemas.access import SCOPES
from shared.tables import Table
from tests.factories.registry import add_dataset_version, add_model_version
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.ledger import Ledger

SECRET = "Quillfeather"
PARAMETER = re.compile(r"{(\w+)}")
BODIES: dict[str, Any] = {
    "PUT": {},
    "POST": {"verdict": "accepted"},
    "PATCH": {},
    "DELETE": {"subject": SECRET},
}
BODIES_OF: dict[tuple[str, str], Any] = {
    **{
        ("POST", f"/v1/{kind}/{{note_type}}/{verb}"): body
        for kind in ("models", "prompts")
        for verb, body in (
            ("promote", {"version": 1, "reason": "x"}),
            ("rollback", {"reason": "x"}),
            ("demote", {"reason": "x"}),
            ("versions/{version}/withdraw", {"reason": "x"}),
        )
    },
    ("POST", "/v1/prompts/{note_type}/versions"): {"user": "{{ note }}"},
    ("POST", "/v1/prompts/{note_type}/try"): {"text": "x"},
    ("POST", "/v1/prompts/{note_type}/split"): {
        "arms": [{"version": 1, "weight": 1}, {"version": 2, "weight": 1}],
        "reason": "x",
    },
    ("POST", "/v1/prompts/{note_type}/split/stop"): {"reason": "x"},
}
"""Of routes that read their body before they look for the object."""
MAKES_OF_ITS_OWN = {
    ("POST", "/v1/datasets/{name}/versions"),
    ("PUT", "/v1/note-types/{name}"),
}
"""A name is each tenant's own: whoever asks for another's gets one like it."""


@dataclass(frozen=True)
class Ward:
    """A tenant with one of everything."""

    tenant: UUID
    key: str
    """With all scopes but the operator's."""
    ids: dict[str, str]
    """Name of a path's parameter → the id of this tenant's object, or its name and number."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        yield client


@pytest.fixture
def wards(ledger: Ledger, client: TestClient) -> list[Ward]:
    return [_ward(ledger, client, name) for name in ("ward-a", "ward-b", "ward-c")]


def _ward(ledger: Ledger, client: TestClient, name: str) -> Ward:
    tenant = ledger.new_tenant(name)
    key = ledger.new_key(tenant, *(scope for scope in SCOPES if scope != "admin"))
    headers = {"Authorization": f"Bearer {key}"}
    body = {
        "documents": [{"custom_id": SECRET, "text": SECRET, "subject": SECRET}],
        "metadata": {SECRET: SECRET},
    }
    batch = client.post("/v1/batches", json=body, headers=headers).json()["id"]
    ledger.complete(*ledger.claim(), words=SECRET)
    (line,) = client.get(f"/v1/batches/{batch}/results", headers=headers).text.splitlines()
    result = json.loads(line)
    dataset = name.replace("-", "_")
    client.post(
        f"/v1/datasets/{dataset}/versions",
        content=json.dumps({"source": SECRET}),
        headers={**headers, "Content-Type": "application/x-ndjson"},
    )
    trained = add_dataset_version(ledger, name=f"{dataset}_trained", tenant=tenant)
    add_model_version(ledger, 1, trained, note_type=dataset, tenant_id=tenant)
    ready_dataset(ledger, f"{dataset}_begun", tenant=tenant)
    ready_base(ledger, f"{dataset}_base", tenant=tenant)
    run = {"note_type": "visit", "dataset": f"{dataset}_begun", "base_model": f"{dataset}_base"}
    started = client.post("/v1/training-runs", json=run, headers=headers).json()
    trigger = client.post(
        "/v1/training-triggers", json=run | {"new_reviews": 5}, headers=headers
    ).json()
    compared = {"note_type": "visit", "candidates": ["extractive"], "dataset": f"{dataset}_begun@1"}
    evaluation = client.post("/v1/evaluations", json=compared, headers=headers).json()
    ids = {
        "base": f"{dataset}_base",
        "evaluation_id": evaluation["id"],
        "run_id": started["id"],
        "trigger_id": trigger["id"],
        "batch_id": batch,
        "document_id": result["document_id"],
        "summary_id": result["summary"]["id"],
        "name": dataset,
        "number": "1",
        "note_type": dataset,
        "version": "1",
    }
    return Ward(tenant, key, ids)


def routes_of(client: TestClient) -> Iterator[tuple[str, str, str]]:
    """(method, path, scope) of every route that asks who is there."""
    for included in client.app.routes:
        router = getattr(included, "original_router", None)
        for route in router.routes if router else ():
            assert isinstance(route, APIRoute)
            for dependency in route.dependant.dependencies:
                if isinstance(dependency.call, Access):
                    prefix = "" if route.path.startswith("/oauth") else "/v1"
                    for method in route.methods:
                        yield method, prefix + route.path_format, dependency.call.scope


def test_an_object_of_another_tenant_is_not_there(client: TestClient, wards: list[Ward]) -> None:
    asked = 0
    for method, path, scope in routes_of(client):
        names = PARAMETER.findall(path)
        if scope == "admin" or not names or not set(names) <= wards[0].ids.keys():
            continue
        if (method, path) in MAKES_OF_ITS_OWN:
            continue
        for owner in wards:
            for asker in wards:
                if asker is owner:
                    continue
                url = path.format_map(owner.ids)
                nothing = path.format_map({name: _missing(owner.ids[name]) for name in names})
                body = BODIES_OF.get((method, path), BODIES.get(method))
                answer, none = (
                    client.request(method, where, headers=asker.headers, json=body)
                    for where in (url, nothing)
                )
                assert answer.status_code == 404, (method, path)
                assert _plain(answer.json()) == _plain(none.json())
                asked += 1
    assert asked >= 6 * 12
    for ward in wards:
        for url in (
            "/v1/batches/{batch_id}",
            "/v1/summaries/{summary_id}",
            "/v1/datasets/{name}/versions/{number}",
            "/v1/models/{note_type}/versions/{version}",
            "/v1/bases/{base}",
            "/v1/training-runs/{run_id}",
            "/v1/training-triggers/{trigger_id}",
            "/v1/evaluations/{evaluation_id}",
        ):
            answer = client.get(url.format_map(ward.ids), headers=ward.headers)
            assert answer.status_code == 200


def test_a_list_holds_the_askers_own(client: TestClient, wards: list[Ward]) -> None:
    for method, path, scope in routes_of(client):
        if method != "GET" or PARAMETER.search(path) or scope == "admin":
            continue
        for asker in wards:
            answer = client.get(path, headers=asker.headers)
            assert answer.status_code == 200, path
            for other in wards:
                if other is not asker:
                    assert other.tenant.hex not in answer.text
                    assert not any(
                        value in answer.text
                        for name, value in other.ids.items()
                        if name not in ("number", "version")
                    )


def test_the_operators_routes_are_closed_to_all_others(
    client: TestClient, wards: list[Ward]
) -> None:
    closed = [(m, p) for m, p, scope in routes_of(client) if scope == "admin"]
    assert len(closed) >= 8
    for method, path in closed:
        url = PARAMETER.sub("ward-b", path)
        answer = client.request(method, url, headers=wards[0].headers, json=BODIES.get(method))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), (method, path)


@pytest.mark.parametrize("table", sorted(Table.metadata.tables))
def test_raw_sql_of_the_application_crosses_nowhere(
    ledger: Ledger, wards: list[Ward], table: str
) -> None:
    columns = Table.metadata.tables[table].columns
    column = "id" if table == "tenants" else "tenant_id"
    if column not in columns:
        pytest.skip("holds nothing of a tenant")
    mine, theirs = wards[0].tenant, wards[1].tenant
    for tenant in (None, mine):
        for statement in (
            f"SELECT count(*) FROM {table} WHERE {column} = :theirs",
            f"UPDATE {table} SET {column} = :mine WHERE {column} = :theirs",
            f"DELETE FROM {table} WHERE {column} = :theirs",
        ):
            assert _touched(ledger, tenant, statement, mine=mine, theirs=theirs) == 0


def _touched(ledger: Ledger, tenant: UUID | None, statement: str, **given: UUID) -> int:
    """Rows that the API's role counts or changes; refused counts as none."""
    used = {name: value for name, value in given.items() if f":{name}" in statement}
    try:
        with ledger.api.transaction(tenant) as session:
            result = session.execute(text(statement), used)
            return result.scalar_one() if statement.startswith("SELECT") else result.rowcount
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        return 0


def _missing(public: str) -> str:
    if public.isdecimal():
        return public
    return public.partition("_")[0] + "_" + "0" * 32


def _plain(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}

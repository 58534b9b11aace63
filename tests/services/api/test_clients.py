"""Only public keys that are strong enough are registered."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, RSAKey

from services.api.main import create_app
from tests.fixtures.ledger import Ledger

RSA = RSAKey.generate_key(2048).as_dict(private=False) | {"kid": "rsa"}
EC = ECKey.generate_key("P-384").as_dict(private=False) | {"kid": "ec"}
PRIVATE = RSAKey.generate_key(2048).as_dict(private=True) | {"kid": "rsa"}
P256 = ECKey.generate_key("P-256").as_dict(private=False) | {"kid": "ec"}
# Of 1024 bits; libraries no longer make them.
WEAK = {"kty": "RSA", "kid": "rsa", "e": "AQAB", "n": "4" * 171}


@pytest.fixture
def api(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def register(api: TestClient, *keys: dict[str, Any], **more: object) -> tuple[int, dict[str, Any]]:
    body = {"name": "ehr", "jwks": {"keys": keys}, "scopes": ["batches:write"], **more}
    answer = api.post("/v1/clients", json=body)
    return answer.status_code, answer.json()


def test_a_client_is_registered_listed_and_revoked(api: TestClient) -> None:
    status, made = register(api, RSA | {"use": "sig", "alg": "RS384", "x5u": "http://x"}, EC)
    assert status == 201
    assert made["jwks"]["keys"] == [RSA, EC]
    revoked = api.post(f"/v1/clients/{made['id']}/revoke").json()
    [listed] = api.get("/v1/clients").json()["data"]
    assert listed == revoked == made | {"revoked_at": revoked["revoked_at"]}
    assert revoked["revoked_at"]


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ([PRIVATE], "private_key_sent"),
        ([EC, {"kty": "oct", "kid": "k", "k": "c2VjcmV0"}], "private_key_sent"),
        ([WEAK], "invalid_jwks"),
        ([P256], "invalid_jwks"),
        ([RSA | {"kid": None}], "invalid_jwks"),
        ([RSA | {"kid": ""}], "invalid_jwks"),
        ([RSA, EC | {"kid": "rsa"}], "invalid_jwks"),
        ([RSA | {"n": 5}], "invalid_jwks"),
        ([RSA | {"use": "enc"}], "invalid_jwks"),
        ([RSA | {"alg": "RS256"}], "invalid_jwks"),
        ([EC | {"x": EC["y"]}], "invalid_jwks"),
        ([{}], "invalid_jwks"),
        ([], "invalid_request"),
        ([RSA | {"kid": str(n)} for n in range(11)], "invalid_request"),
    ],
)
def test_other_keys_are_refused(api: TestClient, keys: list[dict[str, Any]], code: str) -> None:
    status, told = register(api, *keys)
    assert (status, told["code"]) == (422, code)
    assert api.get("/v1/clients").json()["data"] == []


def test_no_url_is_taken_for_keys(api: TestClient) -> None:
    status, told = register(api, RSA, jwks_uri="https://ehr.example/jwks.json")
    assert (status, told["param"]) == (422, "jwks_uri")
    status, told = register(api, RSA, jwks={"keys": [RSA], "jwks_uri": "https://ehr.example"})
    assert (status, told["param"]) == (422, "jwks.jwks_uri")


def test_a_client_cannot_administer(api: TestClient) -> None:
    status, told = register(api, RSA, scopes=["admin"])
    assert (status, told["param"]) == (422, "scopes")


def test_a_client_of_an_unknown_tenant_is_not_made(api: TestClient) -> None:
    assert register(api, RSA, tenant="nowhere")[0] == 404

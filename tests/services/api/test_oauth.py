"""Clients get tokens for signed assertions, and everybody else one and the same refusal."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import text

from services.api.main import create_app
from shared.config import LedgerSettings
from tests.fixtures.ledger import Ledger
from workers.dispatch.reconcile import reconcile

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-384", {"kid": "ec"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
ENDPOINT = "http://testserver/oauth/token"
SCOPES = ["batches:read", "batches:write"]
Key = RSAKey | ECKey | OctKey


@pytest.fixture
def api(ledger: Ledger) -> Iterator[TestClient]:
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        yield client


@pytest.fixture
def admin(ledger: Ledger) -> dict[str, str]:
    return {"Authorization": f"Bearer {ledger.new_key()}"}


def public(*keys: RSAKey | ECKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def register(api: TestClient, admin: dict[str, str], *keys: RSAKey | ECKey, **more: str) -> str:
    body = {"name": "ehr", "jwks": public(*(keys or (RSA, EC))), "scopes": SCOPES, **more}
    answer = api.post("/v1/clients", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def client_id(api: TestClient, admin: dict[str, str]) -> str:
    return register(api, admin)


def assertion(
    client: str, key: Key = RSA, header: dict[str, Any] | None = None, **claims: object
) -> str:
    now = int(time.time())
    said = {"iss": client, "sub": client, "aud": ENDPOINT, "exp": now + 300, "jti": str(uuid4())}
    payload = {name: value for name, value in {**said, **claims}.items() if value is not None}
    algorithm = {"RSA": "RS384", "EC": "ES384", "oct": "HS256"}[key.key_type]
    protected = {"alg": algorithm, "kid": key.kid or "rsa", "typ": "JWT", **(header or {})}
    return jws.serialize_compact(
        protected, json.dumps(payload), key, ["RS256", "RS384", "ES384", "HS256", "HS384"]
    )


def ask(api: TestClient, signed: str, **more: str) -> Response:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"grant_type": "client_credentials", "client_assertion_type": kind}
    return api.post("/oauth/token", data={**form, "client_assertion": signed, **more})


def bearer(answer: Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS384", "ES384"])
def test_an_assertion_gets_a_token_of_five_minutes(
    api: TestClient, client_id: str, ledger: Ledger, key: RSAKey | ECKey
) -> None:
    answer = ask(api, assertion(client_id, key, iat=int(time.time())), scope="batches:read")
    told = answer.json()
    assert (told["token_type"], told["expires_in"]) == ("bearer", 300)
    assert told["scope"] == "batches:read"
    assert answer.headers["cache-control"] == "no-store"
    assert api.get("/v1/batches", headers=bearer(answer)).status_code == 200
    assert api.get("/v1/tenants", headers=bearer(answer)).status_code == 403
    with ledger.owner.transaction() as session:
        left = session.scalar(
            text("SELECT expires_at - now() FROM api_keys WHERE client_id IS NOT NULL")
        )
        assert 290 < left.total_seconds() <= 300
        actor = session.scalar(text("SELECT actor FROM audit_events WHERE action = 'token.issue'"))
        assert actor == client_id


def test_a_request_without_scope_gets_all_and_never_more(api: TestClient, client_id: str) -> None:
    assert ask(api, assertion(client_id)).json()["scope"] == " ".join(SCOPES)
    for scope in ("batches:read admin", "summaries:read", "nonsense", " "):
        refused = ask(api, assertion(client_id), scope=scope)
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_scope"})


def b64(words: str) -> str:
    return jws.serialize_compact({"alg": "RS384"}, words, RSA, ["RS384"]).split(".")[1]


def unsigned(client: str, algorithm: str, **header: object) -> str:
    _, claims, signature = assertion(client).split(".")
    head = b64(json.dumps({"alg": algorithm, "kid": "rsa", **header}))
    return f"{head}.{claims}.{signature if algorithm == 'RS384' else ''}"


def confused(client: str) -> str:
    """Built by hand: libraries refuse to sign with what looks like a public key."""
    _, claims, _ = assertion(client).split(".")
    signed = f"{b64(json.dumps({'alg': 'HS384', 'kid': 'rsa'}))}.{claims}"
    mac = hmac.digest(RSA.as_pem(private=False), signed.encode(), hashlib.sha384)
    return f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


Forge = Callable[[str], str]
FORGERIES: dict[str, Forge] = {
    "alg none": lambda c: unsigned(c, "none"),
    "alg none in capitals": lambda c: unsigned(c, "NONE"),
    "HS256 keyed with the public key": lambda c: assertion(
        c, OctKey.import_key(RSA.as_dict(private=False)["n"], {"kid": "rsa"})
    ),
    "HS384 keyed with the public PEM": confused,
    "RS256": lambda c: assertion(c, header={"alg": "RS256"}),
    "EC key under the RSA kid": lambda c: assertion(c, EC, {"kid": "rsa"}),
    "expired": lambda c: assertion(c, exp=int(time.time()) - 1),
    "lifetime too long": lambda c: assertion(c, exp=int(time.time()) + 320),
    "lifetime too long by its own clock": lambda c: assertion(
        c, iat=int(time.time()) - 2, exp=int(time.time()) + 299
    ),
    "not yet valid": lambda c: assertion(c, nbf=int(time.time()) + 60),
    "issued in the future": lambda c: assertion(c, iat=int(time.time()) + 60),
    "without exp": lambda c: assertion(c, exp=None),
    "exp as text": lambda c: assertion(c, exp=str(int(time.time()) + 60)),
    "exp infinite": lambda c: assertion(c, exp=float("inf")),
    "exp not a number": lambda c: assertion(c, exp=float("nan")),
    "wrong audience": lambda c: assertion(c, aud="https://elsewhere.example/oauth/token"),
    "audience is the server": lambda c: assertion(c, aud="http://testserver"),
    "without audience": lambda c: assertion(c, aud=None),
    "wrong iss": lambda c: assertion(c, iss=f"client_{uuid4().hex}"),
    "wrong sub": lambda c: assertion(c, sub=f"client_{uuid4().hex}"),
    "unknown client": lambda _: assertion(f"client_{uuid4().hex}"),
    "iss of no form": lambda _: assertion("ehr"),
    "unknown kid": lambda c: assertion(c, header={"kid": "other"}),
    "kid is a list": lambda c: unsigned(c, "RS384", kid=["rsa"]),
    "wrong signature": lambda c: assertion(c, STRANGER),
    "cut signature": lambda c: assertion(c)[:-4],
    "without jti": lambda c: assertion(c, jti=None),
    "jti too long": lambda c: assertion(c, jti="x" * 256),
    "critical extension": lambda c: unsigned(c, "RS384", crit=["b64"], b64=False),
    "garbage": lambda _: "no.such.token",
    "nothing": lambda _: "",
    "not ASCII": lambda _: "ü.ü.ü",
    "too large": lambda c: assertion(c, padding="x" * 9_000),
    "deep": lambda _: f"e30.{b64('[' * 5_000)}.x",
}


def test_every_bad_assertion_is_answered_alike(api: TestClient, client_id: str) -> None:
    seen = {}
    for name, forge in FORGERIES.items():
        seen[name] = seen_by_a_client(ask(api, forge(client_id)))
    expected = seen["garbage"]
    assert expected[:2] == (401, b'{"error":"invalid_client"}')
    assert {name: got for name, got in seen.items() if got != expected} == {}
    assert ask(api, assertion(client_id)).status_code == 200


def seen_by_a_client(answer: Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
    return answer.status_code, answer.content, headers


def test_an_assertion_works_once(api: TestClient, client_id: str) -> None:
    signed = assertion(client_id)
    assert ask(api, signed).status_code == 200
    assert ask(api, signed).status_code == 401
    other = assertion(client_id, EC, jti=json.loads(claims_of(signed))["jti"])
    assert ask(api, other).status_code == 401


def claims_of(signed: str) -> bytes:
    return jws.extract_compact(signed.encode()).payload or b""


def test_each_client_has_its_own_keys_and_its_own_tenant(
    api: TestClient, admin: dict[str, str], client_id: str, ledger: Ledger
) -> None:
    ledger.new_tenant("ward-2")
    other = register(api, admin, STRANGER, tenant="ward-2")
    assert ask(api, assertion(other, RSA)).status_code == 401
    assert ask(api, assertion(client_id, STRANGER)).status_code == 401
    batch = ledger.submit("One.")
    token = bearer(ask(api, assertion(other, STRANGER)))
    assert api.get(f"/v1/batches/batch_{batch.hex}", headers=token).status_code == 404
    mine = bearer(ask(api, assertion(client_id)))
    assert api.get(f"/v1/batches/batch_{batch.hex}", headers=mine).status_code == 200


def test_a_revoked_client_gets_no_token_and_its_tokens_open_nothing(
    api: TestClient, admin: dict[str, str], client_id: str
) -> None:
    token = bearer(ask(api, assertion(client_id)))
    revoked = api.post(f"/v1/clients/{client_id}/revoke", headers=admin).json()
    assert revoked["revoked_at"]
    assert ask(api, assertion(client_id)).status_code == 401
    bad = seen_by_a_client(api.get("/v1/batches", headers={"Authorization": "Bearer epk_a_b"}))
    assert api.get("/v1/batches", headers=token).status_code == bad[0] == 401
    again = api.put(f"/v1/clients/{client_id}/jwks", json=public(RSA), headers=admin)
    assert again.status_code == 409


def test_replaced_keys_hold_at_once(api: TestClient, admin: dict[str, str], client_id: str) -> None:
    new = RSAKey.generate_key(2048, {"kid": "rsa-2"})
    put = api.put(f"/v1/clients/{client_id}/jwks", json=public(new), headers=admin)
    assert [key["kid"] for key in put.json()["jwks"]["keys"]] == ["rsa-2"]
    assert ask(api, assertion(client_id, RSA)).status_code == 401
    assert ask(api, assertion(client_id, new)).status_code == 200


def test_a_suspended_tenants_client_gets_no_token(
    api: TestClient, admin: dict[str, str], ledger: Ledger
) -> None:
    ledger.new_tenant("ward-2")
    client = register(api, admin, tenant="ward-2")
    api.post("/v1/tenants/ward-2/suspend", headers=admin)
    assert ask(api, assertion(client)).status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "x": "y" * 40_000}, "invalid_request"),
    ],
)
def test_another_request_is_named_as_the_standard_does(
    api: TestClient, form: dict[str, str], error: str
) -> None:
    answer = api.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_a_field_given_twice_is_refused(api: TestClient, client_id: str) -> None:
    body = f"grant_type=client_credentials&scope=a&scope=b&client_assertion={assertion(client_id)}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.post("/oauth/token", content=body, headers=form).status_code == 400


def test_the_host_header_does_not_choose_the_audience(api: TestClient, client_id: str) -> None:
    evil = assertion(client_id, aud="http://evil.example/oauth/token")
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": kind,
        "client_assertion": evil,
    }
    refused = api.post("/oauth/token", data=form, headers={"Host": "evil.example"})
    assert refused.status_code == 401


def test_the_public_url_is_the_audience(
    api: TestClient, client_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPICRISIS_PUBLIC_URL", "https://epicrisis.example.org/")
    told = api.get("/.well-known/smart-configuration").json()
    assert told["token_endpoint"] == "https://epicrisis.example.org/oauth/token"
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]
    assert ask(api, assertion(client_id)).status_code == 401
    assert ask(api, assertion(client_id, aud=[told["token_endpoint"]])).status_code == 200


def test_the_dispatcher_clears_what_has_expired(
    api: TestClient, client_id: str, ledger: Ledger
) -> None:
    ledger.new_key()
    ask(api, assertion(client_id))
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE api_keys SET expires_at = now() - interval '1 s'"))
        session.execute(text("UPDATE seen_assertions SET expires_at = now() - interval '1 s'"))
    ask(api, assertion(client_id))
    reconcile(ledger.worker, LedgerSettings())
    with ledger.owner.transaction() as session:
        tokens = session.scalar(text("SELECT count(client_id) FROM api_keys"))
        keys = session.scalar(text("SELECT count(*) FROM api_keys WHERE client_id IS NULL"))
        assertions = session.scalar(text("SELECT count(*) FROM seen_assertions"))
    assert (tokens, keys, assertions) == (1, 2, 1)

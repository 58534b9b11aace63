"""Master-key rotation and shred, through HTTP."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from shared.errors import Gone
from shared.master_keys import MasterKeys, Unreadable, Wrapped, key_id, read_keys
from shared.vault import Vault
from tests.fixtures.ledger import Ledger


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "master.keys"
    path.write_text(os.urandom(32).hex())
    return path


@pytest.fixture
def keyed(ledger: Ledger, file: Path) -> Ledger:
    """The ledger under the master keys of `file`, with a second tenant beside the operator's."""
    with ledger.owner.transaction() as session:
        session.execute(text("TRUNCATE data_keys, audit_keys"))
    keyed = replace(ledger, vault=Vault(MasterKeys(read_keys(file), file)))
    return replace(keyed, tenant=keyed.new_tenant("ward-2"))


@pytest.fixture
def api(ledger: Ledger, keyed: Ledger) -> Iterator[TestClient]:
    app = create_app(keyed.api, keyed.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def test_rotation_wraps_every_key_under_the_new_master_key(
    api: TestClient, keyed: Ledger, file: Path
) -> None:
    batch = keyed.submit("Chest pain.")
    new = os.urandom(32)
    file.write_text(f"{new.hex()}\n{file.read_text()}")
    told = api.post("/v1/vault/rotate").json()
    assert told["object"] == "vault_rotation"
    assert (told["rewrapped"], told["unreadable"]) == (2, [])
    assert told["current_key"] == key_id(new)
    assert told["keys_in_use"] == [key_id(new)]
    file.write_text(new.hex())
    other = replace(keyed, vault=Vault(MasterKeys([new])))
    assert [line.custom_id for line in other.results(batch)] == []
    assert other.batch(batch).request_counts.total == 1
    assert api.post("/v1/vault/rotate").json()["rewrapped"] == 0


def test_only_an_administrator_rotates_and_shreds(api: TestClient, keyed: Ledger) -> None:
    plain = {"Authorization": f"Bearer {keyed.new_key(None, 'batches:read')}"}
    assert api.post("/v1/vault/rotate", headers=plain).status_code == 403
    shred = api.post("/v1/tenants/ward-2/shred", json={"confirm": "ward-2"}, headers=plain)
    assert shred.status_code == 403
    assert keyed.opened()


def test_after_a_shred_nothing_is_readable(api: TestClient, keyed: Ledger) -> None:
    headers = {"Authorization": f"Bearer {keyed.new_key()}"}
    batch = keyed.submit("Chest pain.")
    [claim] = keyed.claim()
    keyed.complete(claim)
    waiting = keyed.submit("Cough.")
    elsewhere = replace(keyed, vault=Vault(keyed.vault.wrapper))
    assert elsewhere.results(batch)
    with keyed.owner.transaction() as session:
        wrapped = Wrapped(
            *session.execute(
                text("SELECT wrapped, wrapped_by FROM data_keys WHERE tenant_id = :it"),
                {"it": keyed.tenant},
            ).one()
        )

    told = api.post("/v1/tenants/ward-2/shred", json={"confirm": "ward-2"}).json()
    assert told["shredded_at"]
    assert told["suspended_at"]

    for ledger in (keyed, elsewhere):
        for read in (lambda: ledger.results(batch), lambda: ledger.batch(waiting)):  # noqa: B023 - called here
            with pytest.raises(Gone) as raised:
                read()
            assert raised.value.error_code == "data_key_destroyed"
    for path in ("", "/results"):
        assert api.get(f"/v1/batches/batch_{batch.hex}{path}", headers=headers).status_code == 401
    # A copy from before opens only under the master key of before.
    assert keyed.vault.tenant(keyed.tenant, wrapped)
    with pytest.raises(Unreadable):
        Vault(MasterKeys([os.urandom(32)])).tenant(keyed.tenant, wrapped)


def test_a_shred_ends_access_and_leaves_the_audit(api: TestClient, keyed: Ledger) -> None:
    keyed.new_key()
    with keyed.api.transaction(keyed.tenant) as session:
        session.execute(
            text(
                "INSERT INTO idempotency_keys "
                "(tenant_id, key_mac, holder, reserved_until, expires_at) "
                "VALUES (:it, 'k', gen_random_uuid(), now(), now() + interval '1 d')"
            ),
            {"it": keyed.tenant},
        )
    for _ in range(2):
        answer = api.post("/v1/tenants/ward-2/shred", json={"confirm": "ward-2"})
        assert answer.status_code == 200
    with keyed.owner.transaction() as session:

        def count(query: str) -> int:
            found = session.scalar(text(f"SELECT count(*) FROM {query}"), {"it": keyed.tenant})
            return int(found or 0)

        assert count("data_keys WHERE tenant_id = :it") == 0
        assert count("audit_keys WHERE tenant_id = :it") == 1
        assert count("api_keys WHERE tenant_id = :it AND revoked_at IS NULL") == 0
        assert count("idempotency_keys WHERE tenant_id = :it") == 0
        assert count("audit_events WHERE tenant_id = :it AND action = 'tenant.shred'") == 2
    listed = {tenant["name"]: tenant for tenant in api.get("/v1/tenants").json()["data"]}
    assert listed["ward-2"]["shredded_at"]
    assert listed["ward-1"]["shredded_at"] is None


@pytest.mark.parametrize(
    "body", [{}, {"confirm": ""}, {"confirm": "ward-1"}, {"confirm": "Ward-2"}]
)
def test_without_its_name_nothing_is_shredded(
    api: TestClient, keyed: Ledger, body: dict[str, str]
) -> None:
    assert api.post("/v1/tenants/ward-2/shred", json=body).status_code == 422
    assert keyed.opened()


def test_a_tenant_that_is_not_there_is_not_shredded(api: TestClient) -> None:
    assert api.post("/v1/tenants/nowhere/shred", json={"confirm": "nowhere"}).status_code == 404

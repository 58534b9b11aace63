"""What ended after a backup was taken does not come back with it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from services.local.backups.place import Place
from services.local.backups.restore import Target, restore_backup
from services.local.backups.take import take_backup
from shared.access.clients import NewClient, create_client, replace_keys
from shared.access.keys import authenticate, rotate_key
from shared.access.tenants import suspend_tenant
from shared.audit.record import record
from shared.errors import Unauthenticated
from shared.ids import public_id
from shared.retention.delete_batch import delete_batch
from shared.tables import ApiKey, Client, Tenant
from tests.fixtures.ledger import Ledger


def public_key(kid: str) -> dict[str, object]:
    return dict(ECKey.generate_key("P-384", {"kid": kid}).as_dict(private=False))


def test_what_was_locked_since_stays_locked(
    ledger: Ledger, place: Place, target: Target, restored: Ledger, tmp_path: Path
) -> None:
    """A rotated key, a client's replaced keys and a suspension are the answer to a leak."""
    other = ledger.new_tenant("ward-2")
    leaked, stays = (ledger.new_key(ledger.tenant) for _ in range(2))
    with ledger.owner.transaction(ledger.tenant) as session:
        wanted = NewClient("ehr", [public_key("old")], ["batches:read"])
        client = create_client(session, ledger.tenant, wanted).id
    folder, file = tmp_path / "old", tmp_path / "keys.json"
    take_backup(place, folder, file)
    with ledger.owner.transaction(ledger.tenant) as session:
        prefix = leaked.split("_")[1]
        key = session.scalars(select(ApiKey.id).where(ApiKey.prefix == prefix)).one()
        rotate_key(session, key, timedelta(0))
        replace_keys(session, client, [public_key("new")])
        suspend_tenant(session, other)
    take_backup(place, tmp_path / "new", file)

    restore_backup(folder, file, ledger.vault, target)

    with restored.api.transaction() as session, pytest.raises(Unauthenticated):
        authenticate(session, leaked)
    with restored.api.transaction() as session:
        assert authenticate(session, stays).tenant == ledger.tenant
    with restored.owner.transaction() as session:
        assert session.get_one(Client, client).jwks["keys"][0]["kid"] == "new"
        assert session.get_one(Tenant, other).suspended_at is not None
        assert session.get_one(Tenant, ledger.tenant).suspended_at is None


def test_what_was_deleted_once_stays_in_the_keys_file(
    ledger: Ledger, place: Place, target: Target, restored: Ledger, tmp_path: Path
) -> None:
    """Also when it was taken of a restored database, whose audit knows nothing of it."""
    batch = ledger.submit("note")
    folder, file = tmp_path / "old", tmp_path / "keys.json"
    take_backup(place, folder, file)
    with ledger.api.transaction(ledger.tenant) as session:
        delete_batch(session, batch, force=True)
        names = [public_id("batch", batch)]
        record(session, ledger.vault, ledger.tenant, "key_1", "batch.delete", names)
    take_backup(place, tmp_path / "new", file)
    restore_backup(folder, file, ledger.vault, target)

    take_backup(replace(place, url=restored.urls.migrator), tmp_path / "next", file)

    assert json.loads(file.read_text())["deleted"] == names

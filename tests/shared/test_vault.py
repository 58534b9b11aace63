"""A sealed value opens in its own place and nowhere else."""

import os
from uuid import uuid4

import pytest

from shared.errors import Misconfigured
from shared.master_keys import MasterKeys, Unreadable
from shared.vault import TenantVault, Vault

MASTER = os.urandom(32)


def vault_of(master: bytes = MASTER) -> TenantVault:
    vault, tenant = Vault(MasterKeys([master])), uuid4()
    return vault.tenant(tenant, vault.new_key(tenant, "data key"))


def test_what_is_sealed_opens() -> None:
    vault, row = vault_of(), uuid4()
    sealed = vault.seal("Größe 1,80 m 🫀", row=row, field="text")
    assert vault.open(sealed, row=row, field="text") == "Größe 1,80 m 🫀"


def test_equal_texts_look_different_and_their_lookups_equal() -> None:
    vault, row = vault_of(), uuid4()
    assert vault.seal("x", row=row, field="text") != vault.seal("x", row=row, field="text")
    assert vault.mac("x", purpose="id") == vault.mac("x", purpose="id")
    assert vault.mac("x", purpose="id") != vault.mac("x", purpose="other")
    assert vault.mac("x", purpose="id") != vault_of().mac("x", purpose="id")


def test_a_moved_or_damaged_value_does_not_open() -> None:
    vault, row = vault_of(), uuid4()
    sealed = vault.seal("x", row=row, field="text")
    damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
    attempts = [
        (vault, sealed, uuid4(), "text"),
        (vault, sealed, row, "subject"),
        (vault_of(), sealed, row, "text"),
        (vault, damaged, row, "text"),
        (vault, sealed[:5], row, "text"),
    ]
    for other, value, where, field in attempts:
        with pytest.raises(Unreadable):
            other.open(value, row=where, field=field)


def test_a_data_key_opens_under_its_master_key_and_tenant_only() -> None:
    keys, tenant = MasterKeys([MASTER]), uuid4()
    wrapped = Vault(keys).new_key(tenant, "data key")
    stranger = MasterKeys([os.urandom(32)])
    for other, whose in ((stranger, tenant), (keys, uuid4())):
        with pytest.raises(Unreadable):
            Vault(other).tenant(whose, wrapped)


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(Misconfigured):
        MasterKeys([b"short"])

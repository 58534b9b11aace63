"""Seal and open text with the tenant's data key.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; sealed: nonce + ciphertext + tag.
The associated data binds it to tenant, row and field: a value moved elsewhere does not open.
Data keys are wrapped by the master key; lookups use HMAC-SHA-256 under a key derived from the data
key, since a plain digest of patient text could be guessed.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.config import SecretSettings
from shared.master_keys import KEY_BYTES, KeyWrapper, Wrapped, decrypt, encrypt, load_key_wrapper

Purpose = Literal["data key", "audit key"]


@dataclass(frozen=True, slots=True)
class TenantVault:
    """Seals for one tenant. Values are bound to (tenant, row, field)."""

    tenant: UUID
    _cipher: AESGCM
    _mac_key: bytes

    def seal(self, value: str | bytes, *, row: UUID, field: str) -> bytes:
        plain = value if isinstance(value, bytes) else value.encode()
        return encrypt(self._cipher, plain, self._binding(row, field))

    def open(self, sealed: bytes, *, row: UUID, field: str) -> str:
        """Raises Unreadable if the value is not the one that was sealed here."""
        return self.open_bytes(sealed, row=row, field=field).decode()

    def open_bytes(self, sealed: bytes, *, row: UUID, field: str) -> bytes:
        """Raises Unreadable, likewise."""
        return decrypt(self._cipher, sealed, self._binding(row, field))

    def mac(self, value: str, *, purpose: str) -> bytes:
        """A keyed digest of 32 bytes for lookups; equal values of one purpose are equal."""
        return self.hasher(purpose, value.encode()).digest()

    def hasher(self, purpose: str, data: bytes = b"") -> "hmac.HMAC":
        """The same digest, fed piece by piece."""
        return hmac.new(self._mac_key, purpose.encode() + b"\0" + data, hashlib.sha256)

    def _binding(self, row: UUID, field: str) -> bytes:
        return self.tenant.bytes + row.bytes + field.encode()


class Vault:
    """Makes and opens tenants' keys."""

    def __init__(self, wrapper: KeyWrapper) -> None:
        self.wrapper = wrapper
        self._keys: dict[tuple[UUID, Purpose], tuple[bytes, bytes]] = {}
        """(tenant, purpose) → (wrapped, key): unwrapping may cost a call to a service."""

    @classmethod
    def from_settings(cls, settings: SecretSettings | None = None) -> "Vault":
        """Raises Misconfigured without EPICRISIS_MASTER_KEY or EPICRISIS_MASTER_KEY_FILE."""
        return cls(load_key_wrapper(settings))

    def new_key(self, tenant: UUID, purpose: Purpose) -> Wrapped:
        """A fresh key of the tenant, wrapped."""
        return self.wrapper.wrap(os.urandom(KEY_BYTES), _binding(tenant, purpose))

    def rewrap(self, tenant: UUID, purpose: Purpose, key: Wrapped) -> Wrapped:
        """The same key under the master key that wraps now. Raises Unreadable."""
        binding = _binding(tenant, purpose)
        return self.wrapper.wrap(self.wrapper.unwrap(key, binding), binding)

    def unwrap(self, tenant: UUID, purpose: Purpose, key: Wrapped) -> bytes:
        """Raises Unreadable. Asks the wrapper once for the same wrapped key."""
        held = self._keys.get((tenant, purpose))
        if held is None or held[0] != key.wrapped:
            held = key.wrapped, self.wrapper.unwrap(key, _binding(tenant, purpose))
            self._keys[tenant, purpose] = held
        return held[1]

    def tenant(self, tenant: UUID, key: Wrapped) -> TenantVault:
        """The vault of a tenant's data key. Raises Unreadable."""
        data_key = self.unwrap(tenant, "data key", key)
        mac_key = hmac.new(data_key, b"epicrisis lookup", hashlib.sha256).digest()
        return TenantVault(tenant, AESGCM(data_key), mac_key)

    def forget(self, tenant: UUID) -> None:
        """Keep nothing of a tenant's keys in memory."""
        for purpose in ("data key", "audit key"):
            self._keys.pop((tenant, purpose), None)


def _binding(tenant: UUID, purpose: Purpose) -> bytes:
    return purpose.encode() + tenant.bytes

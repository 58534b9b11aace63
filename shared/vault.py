"""Seal and open text with the tenant's data key.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; sealed: nonce + ciphertext + tag.
The associated data binds it to tenant, row and field: a value moved elsewhere does not open.
Data keys are wrapped the same way by the master key; lookups use HMAC-SHA-256 under a key derived
from the data key, since a plain digest of patient text could be guessed.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.config import SecretSettings
from shared.errors import EpicrisisError, Misconfigured

KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(EpicrisisError):
    """The value was not sealed by this key for this tenant, row and field."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class TenantVault:
    """Seals for one tenant. Values are bound to (tenant, row, field)."""

    tenant: UUID
    _cipher: AESGCM
    _mac_key: bytes

    def seal(self, text: str, *, row: UUID, field: str) -> bytes:
        return _encrypt(self._cipher, text.encode(), self._binding(row, field))

    def open(self, sealed: bytes, *, row: UUID, field: str) -> str:
        """Raises Unreadable if the value is not the one that was sealed here."""
        return _decrypt(self._cipher, sealed, self._binding(row, field)).decode()

    def mac(self, value: str, *, purpose: str) -> bytes:
        """A keyed digest of 32 bytes for lookups; equal values of one purpose are equal."""
        return self.hasher(purpose, value.encode()).digest()

    def hasher(self, purpose: str, data: bytes = b"") -> "hmac.HMAC":
        """The same digest, fed piece by piece."""
        return hmac.new(self._mac_key, purpose.encode() + b"\0" + data, hashlib.sha256)

    def _binding(self, row: UUID, field: str) -> bytes:
        return self.tenant.bytes + row.bytes + field.encode()


class Vault:
    """Opens tenants' data keys with the master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise Misconfigured(
                "The master key must be 32 bytes, written as 64 hexadecimal digits.",
                how_to_fix="Make one: python -c 'import secrets; print(secrets.token_hex(32))'",
            )
        self._master = AESGCM(master_key)
        self._tenants: dict[UUID, TenantVault] = {}

    @classmethod
    def from_settings(cls, settings: SecretSettings | None = None) -> "Vault":
        """Raises Misconfigured without EPICRISIS_MASTER_KEY or EPICRISIS_MASTER_KEY_FILE."""
        settings = settings or SecretSettings()
        if settings.master_key is not None:
            digits = settings.master_key.get_secret_value()
        elif settings.master_key_file is not None:
            digits = settings.master_key_file.read_text()
        else:
            raise Misconfigured(
                "No master key: patients' text cannot be sealed or opened.",
                how_to_fix="Set EPICRISIS_MASTER_KEY or EPICRISIS_MASTER_KEY_FILE.",
            )
        try:
            return cls(bytes.fromhex(digits.strip()))
        except ValueError:
            return cls(b"")

    def new_data_key(self, tenant: UUID) -> bytes:
        """A fresh data key, wrapped: what the `data_keys` row of the tenant holds."""
        return _encrypt(self._master, os.urandom(KEY_BYTES), b"data key" + tenant.bytes)

    def tenant(self, tenant: UUID, load_wrapped: Callable[[], bytes]) -> TenantVault:
        """The tenant's vault; `load_wrapped` is asked once per process for the wrapped key."""
        if tenant not in self._tenants:
            key = _decrypt(self._master, load_wrapped(), b"data key" + tenant.bytes)
            mac_key = hmac.new(key, b"epicrisis lookup", hashlib.sha256).digest()
            self._tenants[tenant] = TenantVault(tenant, AESGCM(key), mac_key)
        return self._tenants[tenant]


def _encrypt(cipher: AESGCM, plain: bytes, binding: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, binding)


def _decrypt(cipher: AESGCM, sealed: bytes, binding: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], binding)
    except (InvalidTag, ValueError):
        raise Unreadable(
            "A sealed value does not open with this key for this row and field.",
            how_to_fix="Check that EPICRISIS_MASTER_KEY is the one the data was sealed under.",
        ) from None

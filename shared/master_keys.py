"""Wrap tenants' keys with the master key, or with whatever keeps it.

A wrapped key says which master key wrapped it, so that there may be several: the first wraps, the
others only unwrap what has not been wrapped again yet.
"""

import hashlib
import hmac
import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.config import SecretSettings
from shared.errors import EpicrisisError, Misconfigured

KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(EpicrisisError):
    """The value was not sealed by this key for this tenant, row and field."""

    code = "unreadable"


class Wrapped(NamedTuple):
    """A key as it lies in the database. `wrapped_by` None: from before master keys had ids."""

    wrapped: bytes
    wrapped_by: str | None


class KeyWrapper(Protocol):
    """What a key management service has to offer: `EPICRISIS_KEY_WRAPPER=package.module:factory`.

    The factory takes no arguments. `binding` is authenticated with the key (associated data).
    """

    def wrap(self, key: bytes, binding: bytes) -> Wrapped: ...

    def unwrap(self, key: Wrapped, binding: bytes) -> bytes:
        """Raises Unreadable."""
        ...

    def current_key(self) -> str:
        """The id that `wrap` writes into `wrapped_by` now, asked anew where the keys are kept."""
        ...


class MasterKeys:
    """AES-256-GCM under keys that the operator keeps; `file`, if given, is read anew on need."""

    def __init__(self, keys: Iterable[bytes], file: Path | None = None) -> None:
        self._file = file
        self._ciphers = _ciphers(keys)

    def wrap(self, key: bytes, binding: bytes) -> Wrapped:
        current = self.current_key()
        return Wrapped(encrypt(self._ciphers[current], key, binding), current)

    def unwrap(self, key: Wrapped, binding: bytes) -> bytes:
        if key.wrapped_by is not None and key.wrapped_by not in self._ciphers:
            self.reload()
        for name, cipher in self._ciphers.items():
            if key.wrapped_by in (None, name):
                try:
                    return decrypt(cipher, key.wrapped, binding)
                except Unreadable:
                    continue
        raise Unreadable(
            "None of the master keys opens this tenant's key.",
            how_to_fix="Check that EPICRISIS_MASTER_KEY holds the key that the data was sealed "
            "under; after a change of keys the old one stays in the list until all are wrapped "
            "again.",
        )

    def current_key(self) -> str:
        """Read anew: nothing may be wrapped under a key that is about to be removed."""
        self.reload()
        return next(iter(self._ciphers))

    def reload(self) -> None:
        """Read the file anew, if the keys came from one: another process may have added a key.

        Raises Misconfigured.
        """
        if self._file is not None:
            self._ciphers = _ciphers(read_keys(self._file))


def load_key_wrapper(settings: SecretSettings | None = None) -> KeyWrapper:
    """As the environment says. Raises Misconfigured."""
    settings = settings or SecretSettings()
    if settings.key_wrapper is not None:
        module, _, factory = settings.key_wrapper.partition(":")
        return cast("KeyWrapper", getattr(importlib.import_module(module), factory)())
    if settings.master_key is not None:
        return MasterKeys(parse_keys(settings.master_key.get_secret_value()))
    if settings.master_key_file is not None:
        file = settings.master_key_file
        return MasterKeys(read_keys(file), file)
    raise Misconfigured(
        "No master key: patients' text cannot be sealed or opened.",
        how_to_fix="Set EPICRISIS_MASTER_KEY or EPICRISIS_MASTER_KEY_FILE.",
    )


def encrypt(cipher: AESGCM, plain: bytes, binding: bytes) -> bytes:
    """Nonce + ciphertext + tag."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, binding)


def decrypt(cipher: AESGCM, sealed: bytes, binding: bytes) -> bytes:
    """Raises Unreadable."""
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], binding)
    except (InvalidTag, ValueError):
        raise Unreadable(
            "A sealed value does not open with this key for this row and field.",
            how_to_fix="Check that EPICRISIS_MASTER_KEY is the one the data was sealed under.",
        ) from None


def key_id(key: bytes) -> str:
    """What `wrapped_by` says of a master key: a digest that gives nothing away."""
    return hmac.digest(key, b"epicrisis master key id", hashlib.sha256).hex()[:16]


def read_keys(file: Path) -> list[bytes]:
    """The keys of a file, in its order. Raises Misconfigured."""
    try:
        return parse_keys(file.read_text())
    except OSError as error:
        raise Misconfigured(
            f"The file of the master keys cannot be read: {error.strerror}.",
            how_to_fix="Check EPICRISIS_MASTER_KEY_FILE and who may read the file.",
        ) from None


def parse_keys(text: str) -> list[bytes]:
    """Keys of 64 hexadecimal digits, the one that wraps first, between commas or line breaks.

    Raises Misconfigured.
    """
    try:
        keys = [bytes.fromhex(word) for word in text.replace(",", " ").split()]
    except ValueError:
        keys = []
    _check(keys)
    return keys


def _check(keys: list[bytes]) -> None:
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise Misconfigured(
            "The master key must be 32 bytes, written as 64 hexadecimal digits.",
            how_to_fix="Make one: python -c 'import secrets; print(secrets.token_hex(32))'",
        )


def _ciphers(keys: Iterable[bytes]) -> dict[str, AESGCM]:
    """By id."""
    keys = list(keys)
    _check(keys)
    return {key_id(key): AESGCM(key) for key in keys}

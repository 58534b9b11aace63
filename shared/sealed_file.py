"""What waits on disk while a body is read: a file without a name, under a key made for it."""

import tempfile
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import PayloadTooLarge

_MEMORY_BYTES = 2**20
_TAG_BYTES = 16


class Slot(NamedTuple):
    """A place in the file; `length` of the plain bytes."""

    offset: int
    length: int


class SealedFile:
    """Append and read. AES-256-GCM under a key that lives as long as this object.

    A little stays in memory; the file is gone with the process, however it ends.
    """

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes`: sealed, of all that is appended."""
        self._max_bytes = max_bytes
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._opened: tempfile.SpooledTemporaryFile[bytes] | None = None
        self._end = 0

    def append(self, plain: bytes) -> Slot:
        """Raises PayloadTooLarge past `max_bytes` in all."""
        slot = Slot(self._end, len(plain))
        sealed = self._cipher.encrypt(_nonce(slot), plain, None)
        if self._end + len(sealed) > self._max_bytes:
            raise PayloadTooLarge(
                f"What is put aside of the body takes more than {self._max_bytes} bytes.",
                how_to_fix="Send it in several bodies, each with all that its parts refer to.",
            )
        self._file.seek(self._end)
        self._file.write(sealed)
        self._end += len(sealed)
        return slot

    def read(self, slot: Slot) -> bytes:
        self._file.seek(slot.offset)
        sealed = self._file.read(slot.length + _TAG_BYTES)
        return self._cipher.decrypt(_nonce(slot), sealed, None)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def _file(self) -> "tempfile.SpooledTemporaryFile[bytes]":
        """Opened by the first to ask: most bodies need none."""
        if self._opened is None:
            self._opened = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115 - own close
        return self._opened


def _nonce(slot: Slot) -> bytes:
    """Nothing is written twice at one place, so that the place is a nonce under this key."""
    return slot.offset.to_bytes(12, "big")

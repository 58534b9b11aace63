"""A body that has to be read from its end, as Parquet has: put aside, sealed."""

import io
from collections.abc import Iterable

from shared.sealed_file import SealedFile, Slot

_BLOCK_BYTES = 256 * 1024


class SealedReader(io.RawIOBase):
    """A seekable file over a body; on disk it stands sealed, under a key that is never stored."""

    def __init__(self, pieces: Iterable[bytes], max_bytes: int) -> None:
        """Reads all of the body. Raises PayloadTooLarge."""
        super().__init__()
        self._file = SealedFile(max_bytes + max_bytes // 1024)
        self._slots: list[Slot] = []
        self._size = self._at = 0
        self._block: tuple[int, bytes] = (-1, b"")
        held = bytearray()
        for piece in pieces:
            held += piece
            while len(held) >= _BLOCK_BYTES:
                self._append(bytes(held[:_BLOCK_BYTES]))
                del held[:_BLOCK_BYTES]
        if held:
            self._append(bytes(held))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # any writable buffer
        """What the current block still holds, at most."""
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, _BLOCK_BYTES)
        if self._block[0] != number:
            self._block = (number, self._file.read(self._slots[number]))
        piece = self._block[1][within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _append(self, block: bytes) -> None:
        self._slots.append(self._file.append(block))
        self._size += len(block)

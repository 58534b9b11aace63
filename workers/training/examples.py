"""The examples of a run in one sealed file, under a key that only its process is given.

Records of AES-256-GCM, each behind its length (4 bytes, big-endian); the nonce is the record's
number, so a key seals one file and no more. The last record is empty: a file without it was cut.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workers.training.failures import TrainingFailed

_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A source with its reference summary; `line` is its name in events and figures."""

    split: Literal["train", "validation"]
    line: int
    note_type: str
    source: str
    target: str


def new_key() -> bytes:
    """For one file."""
    return AESGCM.generate_key(256)


def seal_examples(path: Path, key: bytes, examples: Iterable[Example]) -> int:
    """Write the file, whole or not at all; returns how many examples it holds.

    `key`: 32 bytes, never used before.
    """
    cipher, count = AESGCM(key), 0
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        for example in examples:
            _write(file, cipher, count, json.dumps(asdict(example)).encode())
            count += 1
        _write(file, cipher, count, b"")
    os.replace(partial, path)  # noqa: PTH105 - Path.replace says the same, less plainly
    return count


def read_examples(path: Path, key: bytes) -> list[Example]:
    """In the order of sealing. Raises TrainingFailed where the file is not as it was sealed."""
    try:
        cipher = AESGCM(key)
        with path.open("rb") as file:
            return [Example(**json.loads(plain)) for plain in _read(file, cipher)]
    except (OSError, ValueError, InvalidTag):
        raise TrainingFailed(
            "examples_unreadable",
            "The sealed examples are missing, damaged, or not of this run's key.",
            "Start the run again: its worker seals them anew.",
        ) from None


def _write(file: BinaryIO, cipher: AESGCM, number: int, plain: bytes) -> None:
    sealed = cipher.encrypt(_nonce(number), plain, None)
    file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)


def _read(file: BinaryIO, cipher: AESGCM) -> Iterator[bytes]:
    number = 0
    while True:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
        plain = cipher.decrypt(_nonce(number), file.read(length), None)
        if not plain:
            return
        yield plain
        number += 1


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")

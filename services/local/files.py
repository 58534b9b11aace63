"""Files that hold secrets: mode 0600 from the first byte, replaced whole or not at all."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write `path` so that no reader sees half of it, and nobody else sees any of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def append_private(path: Path) -> int:
    """A file descriptor that appends to `path`."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

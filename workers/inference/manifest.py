"""What lies beside a converted model and says where it came from."""

import hashlib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.schemas.training import ModelKind
from workers.inference.model_files import file_digest

_FILE = "manifest.json"


class Manifest(BaseModel):
    """Of one directory: `model.bin`, its vocabulary, `tokenizer.json`, a decoder's template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source_sha256: str
    compute_type: str
    kind: ModelKind = "decoder"
    window: int
    """Tokens that the model was made for: of prompt and output, or of an encoder's source."""
    source_limit: int | None = None
    """Tokens past which an encoder cannot read at all; None: its positions are relative."""
    target_window: int | None = None
    """Tokens that an encoder-decoder can write; None: as many as it likes."""
    start_tokens: tuple[str, ...] = ()
    """What the output of an encoder-decoder begins with."""
    end_tokens: tuple[str, ...]
    special_tokens: dict[str, str]
    """`bos_token` and so on, for the chat template."""
    versions: dict[str, str]
    """Of the libraries that converted it."""
    files: dict[str, str] = {}
    """File name → SHA-256."""
    own_sha256: str = ""
    """Of this file, as it is written without this line's value."""

    def write(self, directory: Path) -> Self:
        """Seal a directory: take the digests of all its files and lay the manifest beside them."""
        files = sorted(file for file in directory.iterdir() if file.name != _FILE)
        digests = {file.name: file_digest(file) for file in files}
        listed = self.model_copy(update={"files": digests, "own_sha256": ""})
        own = hashlib.sha256(listed.written()).hexdigest()
        sealed = listed.model_copy(update={"own_sha256": own})
        (directory / _FILE).write_bytes(sealed.written())
        return sealed

    def written(self) -> bytes:
        """The one form that it is written in."""
        return self.model_dump_json(indent=2).encode()

    def is_sealed(self) -> bool:
        """Whether it says what it said when it was written."""
        unsealed = self.model_copy(update={"own_sha256": ""}).written()
        return hashlib.sha256(unsealed).hexdigest() == self.own_sha256


def read_manifest(directory: Path) -> Manifest | None:
    """None when the manifest, or any file that it names, is missing or not as written."""
    try:
        written = (directory / _FILE).read_bytes()
        manifest = Manifest.model_validate_json(written)
        whole = (
            manifest.is_sealed()
            and manifest.written() == written
            and all(
                file_digest(directory / name) == digest for name, digest in manifest.files.items()
            )
        )
    except (OSError, ValidationError):
        return None
    return manifest if whole and "model.bin" in manifest.files else None

"""What lies beside a converted model and says where it came from."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from workers.inference.model_files import file_digest

_FILE = "manifest.json"


class Manifest(BaseModel):
    """Of one directory: `model.bin`, its vocabulary, `tokenizer.json`, `chat_template.jinja`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source_sha256: str
    compute_type: str
    window: int
    """Positions that the model was made for."""
    end_tokens: tuple[str, ...]
    special_tokens: dict[str, str]
    """`bos_token` and so on, for the chat template."""
    versions: dict[str, str]
    """Of the libraries that converted it."""
    files: dict[str, str] = {}
    """File name → SHA-256."""

    def write(self, directory: Path) -> Self:
        """Seal a directory: take the digests of all its files and lay the manifest beside them."""
        files = sorted(file for file in directory.iterdir() if file.name != _FILE)
        digests = {file.name: file_digest(file) for file in files}
        sealed = self.model_copy(update={"files": digests})
        (directory / _FILE).write_text(sealed.model_dump_json(indent=2), "utf-8")
        return sealed


def read_manifest(directory: Path) -> Manifest | None:
    """None when the manifest, or any file that it names, is missing or not as written."""
    try:
        manifest = Manifest.model_validate_json((directory / _FILE).read_bytes())
        whole = all(
            file_digest(directory / name) == digest for name, digest in manifest.files.items()
        )
    except (OSError, ValidationError):
        return None
    return manifest if whole and "model.bin" in manifest.files else None

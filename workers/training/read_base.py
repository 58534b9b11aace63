"""Read a stranger's model and save it again as plain data; run without network.

    python -m workers.training.read_base SOURCE DESTINATION

SOURCE: a directory or a GGUF file. One JSON object on stdout: what was found, or `code`, `message`
and `how_to_fix`. Weights alone are read, from safetensors or by `torch.load(weights_only=True)`;
neither a pickle's code nor the model's own is run.
"""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import metadata_load
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
)

from shared.errors import ModelUnusable
from workers.inference import weights
from workers.inference.model_files import ModelFiles, find_files
from workers.training.base_files import has_pickles, has_safetensors


def read_base(source: Path, destination: Path) -> dict[str, Any]:
    """Members of `shared.bases.ledger.Imported` but the artifact. Raises ModelUnusable."""
    files = find_files(source) if source.is_file() or has_safetensors(source) else _pickled(source)
    config = weights.load_config(files)
    kind = weights.kind_of(config)
    model = weights.load_model(files, kind=kind) if _is_plain(files) else _unpickle(files, kind)
    tokenizer = _load_tokenizer(files)
    _fit_embeddings(model, tokenizer)
    model.generation_config = _token_settings(model.generation_config, model.config, tokenizer)
    if kind == "encoder_decoder":
        weights.start_tokens(model, tokenizer)
    weights.end_tokens(model, tokenizer)
    model.save_pretrained(destination)
    tokenizer.save_pretrained(destination)
    card = _read_card(files.directory)
    return {
        "kind": kind,
        "architecture": type(model).__name__,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "window": weights.window(config, tokenizer),
        "languages": card[0],
        "licence": card[1],
    }


def _pickled(source: Path) -> ModelFiles:
    if not has_pickles(source):
        raise ModelUnusable(
            "The directory holds no weights.",
            code="no_weights",
            how_to_fix="It needs model.safetensors or pytorch_model.bin beside config.json.",
        )
    return ModelFiles(source.resolve().name, source)


def _is_plain(files: ModelFiles) -> bool:
    return files.gguf is not None or has_safetensors(files.directory)


def _unpickle(files: ModelFiles, kind: str) -> Any:  # noqa: ANN401 - transformers ships no types
    """From pytorch_model.bin, as tensors alone."""
    loader: Any = AutoModelForCausalLM if kind == "decoder" else AutoModelForSeq2SeqLM
    try:
        model, found = loader.from_pretrained(
            files.directory,
            dtype="auto",
            use_safetensors=False,
            weights_only=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ModelUnusable(
            "The pickled weights are damaged or hold more than tensors, and are not loaded.",
            code="unsafe_weights",
            how_to_fix="Save the model as safetensors: save_pretrained(…).",
        ) from error
    if found["missing_keys"] or found["mismatched_keys"]:
        raise ModelUnusable(
            "The weights are not those of the model that config.json describes.",
            code="wrong_weights",
            how_to_fix="Save the whole model with save_pretrained(…).",
        )
    return model.eval()


def _load_tokenizer(files: ModelFiles) -> Any:  # noqa: ANN401
    """Converted to the fast kind where it is SentencePiece or vocab.json with merges.txt."""
    options = {"gguf_file": files.gguf} if files.gguf else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            files.directory, local_files_only=True, trust_remote_code=False, **options
        )
    except (ValueError, OSError, ImportError, TypeError, AttributeError, KeyError) as error:
        raise ModelUnusable(
            "The tokenizer cannot be read.",
            code="wrong_tokenizer",
            how_to_fix="Lay tokenizer.json beside config.json.",
        ) from error
    if not tokenizer.is_fast or len(tokenizer) == 0:
        raise ModelUnusable(
            "The model has no tokenizer.json, and none can be made for it.",
            code="wrong_tokenizer",
            how_to_fix="Save it with a fast tokenizer, as AutoTokenizer makes it.",
        )
    return tokenizer


def _fit_embeddings(model: Any, tokenizer: Any) -> None:  # noqa: ANN401
    """Rows for control tokens that have none, as DistilBART's mask; a note may spell them.

    Raises ModelUnusable where words have none: the tokenizer is another model's.
    """
    rows = model.get_input_embeddings().num_embeddings
    control = set(tokenizer.get_added_vocab().values())
    beyond = [number for number in tokenizer.get_vocab().values() if number >= rows]
    if any(number not in control for number in beyond):
        raise ModelUnusable(
            "The tokenizer has more tokens than the model has embeddings: it is another model's.",
            code="wrong_tokenizer",
            how_to_fix="Take tokenizer and weights from the same model.",
        )
    if beyond:
        model.resize_token_embeddings(max(beyond) + 1, mean_resizing=False)


def _token_settings(stated: Any, config: Any, tokenizer: Any) -> Any:  # noqa: ANN401
    """Which tokens begin and end an output; lengths and beams were for the base's own task."""
    names = (
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
        "decoder_start_token_id",
        "forced_bos_token_id",
    )
    found = {name: _first(name, stated, config, tokenizer) for name in names}
    return GenerationConfig(**found)  # type: ignore[no-untyped-call]


def _first(name: str, *places: Any) -> Any:  # noqa: ANN401
    values = (getattr(place, name, None) for place in places)
    return next((value for value in values if value is not None), None)


def _read_card(directory: Path) -> tuple[list[str], str | None]:
    """Languages and licence of the front matter of README.md, as far as it is in order."""
    path = directory / "README.md"
    try:
        stated = metadata_load(path) if path.is_file() else None
    except ValueError:
        stated = None
    stated = stated if isinstance(stated, dict) else {}
    language, licence = stated.get("language"), stated.get("license")
    languages = language if isinstance(language, list) else [language]
    return [each for each in languages if isinstance(each, str)], (
        licence if isinstance(licence, str) else None
    )


def main() -> int:
    torch.set_num_threads(1)
    try:
        found = read_base(Path(sys.argv[1]), Path(sys.argv[2]))
    except ModelUnusable as error:
        found = {
            "code": error.error_code,
            "message": error.detail,
            "how_to_fix": error.how_to_fix or "Look at the model's files.",
        }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

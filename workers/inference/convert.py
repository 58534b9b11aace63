"""Convert a model for the fast engine.

    python -m workers.inference.convert SOURCE DESTINATION --compute-type int8

It runs in a process of its own, so that what torch needs for it (four times the weights) returns to
the machine, and the worker that asked for it never imports torch.
Exit status: 0 done, 3 the fast engine has no such architecture, 4 the model is unusable.
"""

import argparse
import copy
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ctranslate2
from ctranslate2.converters import TransformersConverter

from shared.errors import ModelUnusable
from workers.inference import weights
from workers.inference.cache import UNSUPPORTED, UNUSABLE
from workers.inference.manifest import Manifest
from workers.inference.model_files import ModelFiles, find_files, model_digest


class Unsupported(Exception):
    """CTranslate2 has no such architecture; the transformers engine may."""


class _Converter(TransformersConverter):  # type: ignore[misc] # ships no types
    """Takes what has been loaded, so that a GGUF need not be written out unpacked first."""

    def __init__(self, directory: Path, model: Any, tokenizer: Any) -> None:  # noqa: ANN401
        super().__init__(str(directory))
        self._loaded = model, tokenizer

    def load_model(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        return self._loaded[0]

    def load_tokenizer(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        return self._loaded[1]


def convert(files: ModelFiles, destination: Path, compute_type: str) -> Manifest:
    """Write the converted model and its manifest; `destination` appears whole or not at all.

    Raises ModelUnusable for a model of the wrong kind, Unsupported where another engine may do.
    """
    config = weights.load_config(files)
    kind = weights.kind_of(config)
    tokenizer = weights.load_tokenizer(files, kind)
    model = weights.load_model(files, kind=kind)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=destination.parent, prefix=f".{destination.name}.", ignore_cleanup_errors=True
    ) as folder:
        parts = Path(folder, "source")
        config.save_pretrained(parts)
        _state_structure(model.config)
        engine = Path(folder, "engine")
        _convert_weights(_Converter(parts, model, _filled(tokenizer, model)), engine, compute_type)
        weights.save_tokenizer(tokenizer, engine)
        manifest = Manifest(
            name=files.name,
            source_sha256=model_digest(files),
            compute_type=compute_type,
            kind=kind,
            window=weights.window(config, tokenizer),
            end_tokens=weights.end_tokens(model, tokenizer),
            **(_sides(config, model, tokenizer) if kind == "encoder_decoder" else {}),
            special_tokens=weights.special_tokens(tokenizer),
            versions={n: version(n) for n in ("ctranslate2", "transformers", "tokenizers")},
        ).write(engine)
        _publish(engine, destination)
    return manifest


def _sides(config: Any, model: Any, tokenizer: Any) -> dict[str, Any]:  # noqa: ANN401
    """What the manifest of an encoder-decoder says beside."""
    return {
        "source_limit": weights.source_limit(config),
        "target_window": weights.target_window(config),
        "start_tokens": weights.start_tokens(model, tokenizer),
    }


def _filled(tokenizer: Any, model: Any) -> Any:  # noqa: ANN401
    """A tokenizer with a token for each row of the embeddings, which are often rounded up.

    Raises Unsupported where ids are left out: CTranslate2 numbers tokens by their order.
    """
    vocabulary = tokenizer.get_vocab()
    if max(vocabulary.values()) + 1 != len(vocabulary):
        raise Unsupported("The tokenizer's ids have gaps.")
    missing = model.get_input_embeddings().num_embeddings - len(vocabulary)
    if missing <= 0:
        return tokenizer
    filled = copy.deepcopy(tokenizer)
    filled.add_tokens([f"<unused {number}>" for number in range(missing)])
    return filled


def _state_structure(config: Any) -> None:  # noqa: ANN401
    """What CTranslate2 reads in the configuration and transformers no longer writes there.

    Where the norms stand: BART's behind its layers, Pegasus' before them and none at the
    embeddings. Whether T5 scales its last states: CTranslate2 takes it from the tying of the
    embeddings, which transformers 5 calls true of all (T5 1.1 and mT5 too, which do not scale).
    """
    if config.model_type in ("t5", "mt5"):
        config.tie_word_embeddings = getattr(config, "scale_decoder_outputs", False)
    if config.model_type in ("bart", "pegasus"):
        config.normalize_before = config.model_type == "pegasus"
        config.normalize_embedding = config.model_type == "bart"


def _convert_weights(converter: _Converter, engine: Path, compute_type: str) -> None:
    try:
        converter.convert(str(engine), quantization=compute_type)
    except (ValueError, NotImplementedError, AttributeError, KeyError) as error:
        # The last two: its loader finds the configuration to be of another make.
        raise Unsupported(str(error)) from error


def _publish(engine: Path, destination: Path) -> None:
    if destination.exists():
        shutil.rmtree(destination)
    os.rename(engine, destination)  # noqa: PTH104 - Path.rename says the same, less plainly


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="a directory with safetensors, or a GGUF file")
    parser.add_argument("destination", type=Path)
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--name")
    arguments = parser.parse_args()
    ctranslate2.set_random_seed(0)
    try:
        files = find_files(arguments.source, arguments.name)
        convert(files, arguments.destination, arguments.compute_type)
    except Unsupported as error:
        return _say(error, UNSUPPORTED)
    except ModelUnusable as error:
        return _say(error, UNUSABLE)
    return 0


def _say(error: Exception, status: int) -> int:
    sys.stderr.write(f"{error}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())

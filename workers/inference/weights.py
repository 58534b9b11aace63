"""A model's configuration, tokenizer and weights through transformers. Imports torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GgufConfig,
)

from shared.errors import ModelUnusable
from shared.schemas.training import ModelKind
from workers.inference.model_files import ModelFiles

_NO_LIMIT = 10**9
"""transformers writes 1e30 where a tokenizer states no length."""
_RELATIVE_WINDOW = 512
"""Tokens that T5 was trained on; its positions are relative, and go on."""
_PADDED_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert"})
"""Their first two positions are no token's."""
_GENERATING = {
    "decoder": ("ForCausalLM", "LMHeadModel"),
    "encoder_decoder": ("ForConditionalGeneration", "EncoderDecoderModel"),
}


def load_config(files: ModelFiles) -> Any:  # noqa: ANN401 - transformers ships no types
    """Raises ModelUnusable for anything that transformers does not know or that writes no text."""
    with _known_to_transformers():
        config = AutoConfig.from_pretrained(files.directory, **_options(files))
    architectures = config.architectures or []
    if architectures and not any(a.endswith(_GENERATING[kind_of(config)]) for a in architectures):
        raise ModelUnusable(
            "The model does not generate text.",
            how_to_fix="Name a …ForConditionalGeneration, …ForCausalLM or EncoderDecoderModel.",
        )
    return config


def kind_of(config: Any) -> ModelKind:  # noqa: ANN401
    return "encoder_decoder" if config.is_encoder_decoder else "decoder"


def load_tokenizer(files: ModelFiles, kind: ModelKind = "decoder") -> Any:  # noqa: ANN401
    """Raises ModelUnusable for one of no `tokenizers` kind, or a decoder's without template."""
    with _known_to_transformers():
        tokenizer = AutoTokenizer.from_pretrained(files.directory, **_options(files))
    if kind == "decoder" and not isinstance(tokenizer.chat_template, str):
        raise ModelUnusable(
            "The model has no chat template: it was not made to follow instructions."
        )
    if not tokenizer.is_fast:
        raise ModelUnusable("The model has no tokenizer.json, and none can be made for it.")
    return tokenizer


def load_model(
    files: ModelFiles, dtype: torch.dtype | str = "auto", kind: ModelKind = "decoder"
) -> Any:  # noqa: ANN401
    """The weights as a module in evaluation mode on CPU; those of a GGUF are unpacked.

    Raises ModelUnusable where files and configuration are of two models: transformers would draw
    what is missing by chance.
    """
    options = _options(files)
    if files.gguf:
        # Packed weights can be neither converted nor saved.
        options["quantization_config"] = GgufConfig(dequantize=True)
        dtype = torch.float32 if dtype == "auto" else dtype
    else:
        options["use_safetensors"] = True
    loader: Any = AutoModelForCausalLM if kind == "decoder" else AutoModelForSeq2SeqLM
    model, found = loader.from_pretrained(
        files.directory, dtype=dtype, output_loading_info=True, **options
    )
    if found["missing_keys"] or found["mismatched_keys"]:
        raise ModelUnusable(
            "The weights are not those of the model that config.json describes.",
            how_to_fix="Save the whole model with save_pretrained(…).",
        )
    return model.eval()


def window(config: Any, tokenizer: Any) -> int:  # noqa: ANN401
    """Tokens that the model was made for: of prompt and output together, or of the source."""
    if kind_of(config) == "decoder":
        positions = int(config.get_text_config().max_position_embeddings)
    else:
        positions = _positions(config, "encoder") or _RELATIVE_WINDOW
    stated = int(tokenizer.model_max_length)
    return min(positions, stated) if stated < _NO_LIMIT else positions


def source_limit(config: Any) -> int | None:  # noqa: ANN401
    """Tokens past which an encoder-decoder cannot read at all; None: its positions go on."""
    return _positions(config, "encoder")


def target_window(config: Any) -> int | None:  # noqa: ANN401
    """Tokens that an encoder-decoder can write; None: its positions go on, or it is none."""
    return _positions(config, "decoder") if kind_of(config) == "encoder_decoder" else None


def end_tokens(model: Any, tokenizer: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Tokens that end an answer: the tokenizer's own and those of the generation settings."""
    stated = model.generation_config.eos_token_id
    ids = [stated] if isinstance(stated, int) else list(stated or [])
    ids.append(tokenizer.eos_token_id)
    tokens = tokenizer.convert_ids_to_tokens([i for i in dict.fromkeys(ids) if i is not None])
    if not tokens:
        raise ModelUnusable("The model names no token that ends an answer.")
    return tuple(tokens)


def start_tokens(model: Any, tokenizer: Any) -> tuple[str, ...]:  # noqa: ANN401
    """What an encoder-decoder's output begins with: the start token, then BART's forced `<s>`.

    Raises ModelUnusable for one that names no start token.
    """
    stated = model.generation_config
    start = stated.decoder_start_token_id
    if start is None:
        start = getattr(model.config, "decoder_start_token_id", None)
    if start is None:
        raise ModelUnusable(
            "The model names no token that its output begins with.",
            how_to_fix="Set decoder_start_token_id in its generation_config.json.",
        )
    ids = [start] if stated.forced_bos_token_id is None else [start, stated.forced_bos_token_id]
    return tuple(tokenizer.convert_ids_to_tokens(ids))


def special_tokens(tokenizer: Any) -> dict[str, str]:  # noqa: ANN401
    """`bos_token` and so on → the token."""
    return {k: v for k, v in tokenizer.special_tokens_map.items() if isinstance(v, str)}


def save_tokenizer(tokenizer: Any, directory: Path) -> None:  # noqa: ANN401
    """`tokenizer.json` and `chat_template.jinja`, all that serving needs of it."""
    tokenizer.backend_tokenizer.save(str(directory / "tokenizer.json"))
    if isinstance(tokenizer.chat_template, str):
        (directory / "chat_template.jinja").write_text(tokenizer.chat_template, "utf-8")


@contextmanager
def _known_to_transformers() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ModelUnusable(
            "transformers does not know a model of this type. One that brings code of its own is "
            "not run."
        ) from error


def _options(files: ModelFiles) -> dict[str, Any]:
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if files.gguf:
        options["gguf_file"] = files.gguf
    return options


def _positions(config: Any, half: str) -> int | None:  # noqa: ANN401
    """Of the `encoder` or the `decoder`; None: they are relative."""
    if config.model_type == "encoder-decoder":
        part = getattr(config, half)
        return int(part.max_position_embeddings) - 2 * (part.model_type in _PADDED_POSITIONS)
    once = getattr(config, "max_position_embeddings", None)
    positions = getattr(config, f"max_{half}_position_embeddings", once)
    return None if positions is None else int(positions)

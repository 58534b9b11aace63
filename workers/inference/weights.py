"""A model's configuration, tokenizer and weights through transformers. Imports torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GgufConfig

from shared.errors import ModelUnusable
from workers.inference.model_files import ModelFiles

_NO_LIMIT = 10**9
"""transformers writes 1e30 where a tokenizer states no length."""


def load_config(files: ModelFiles) -> Any:  # noqa: ANN401 - transformers ships no types
    """Raises ModelUnusable for anything but a decoder that transformers knows."""
    with _known_to_transformers():
        config = AutoConfig.from_pretrained(files.directory, **_options(files))
    if config.is_encoder_decoder or not _generates(config):
        raise ModelUnusable(
            "The prompt model has to be a decoder (…ForCausalLM) with a chat template."
        )
    return config


def load_tokenizer(files: ModelFiles) -> Any:  # noqa: ANN401
    """Raises ModelUnusable for one without chat template, or of no `tokenizers` kind."""
    with _known_to_transformers():
        tokenizer = AutoTokenizer.from_pretrained(files.directory, **_options(files))
    if not isinstance(tokenizer.chat_template, str):
        raise ModelUnusable(
            "The prompt model has no chat template: it was not made to follow instructions."
        )
    if not tokenizer.is_fast:
        raise ModelUnusable("The prompt model has no tokenizer.json, and none can be made for it.")
    return tokenizer


def load_model(files: ModelFiles, dtype: torch.dtype | str = "auto") -> Any:  # noqa: ANN401
    """The weights as a module in evaluation mode on CPU; those of a GGUF are unpacked."""
    options = _options(files)
    if files.gguf:
        # Packed weights can be neither converted nor saved.
        options["quantization_config"] = GgufConfig(dequantize=True)
        dtype = torch.float32 if dtype == "auto" else dtype
    else:
        options["use_safetensors"] = True
    model: Any = AutoModelForCausalLM.from_pretrained(files.directory, dtype=dtype, **options)
    return model.eval()


def window(config: Any, tokenizer: Any) -> int:  # noqa: ANN401
    """Tokens of prompt and output together that the model was made for."""
    positions = int(config.get_text_config().max_position_embeddings)
    stated = int(tokenizer.model_max_length)
    return min(positions, stated) if stated < _NO_LIMIT else positions


def end_tokens(model: Any, tokenizer: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Tokens that end an answer: the tokenizer's own and those of the generation settings."""
    stated = model.generation_config.eos_token_id
    ids = [stated] if isinstance(stated, int) else list(stated or [])
    ids.append(tokenizer.eos_token_id)
    tokens = tokenizer.convert_ids_to_tokens([i for i in dict.fromkeys(ids) if i is not None])
    if not tokens:
        raise ModelUnusable("The prompt model names no token that ends an answer.")
    return tuple(tokens)


def special_tokens(tokenizer: Any) -> dict[str, str]:  # noqa: ANN401
    """`bos_token` and so on → the token."""
    return {k: v for k, v in tokenizer.special_tokens_map.items() if isinstance(v, str)}


def save_tokenizer(tokenizer: Any, directory: Path) -> None:  # noqa: ANN401
    """`tokenizer.json` and `chat_template.jinja`, all that serving needs of it."""
    tokenizer.backend_tokenizer.save(str(directory / "tokenizer.json"))
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


def _generates(config: Any) -> bool:  # noqa: ANN401
    architectures = config.architectures or []
    return not architectures or any(
        a.endswith(("ForCausalLM", "LMHeadModel")) for a in architectures
    )

"""The base as it is trained: loaded, its dropout set, frozen or wrapped in LoRA."""

from collections.abc import Iterator
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from shared.training.resolve import Resolved
from workers.training.failures import TrainingFailed
from workers.training.job import Job

_LOCAL = {"local_files_only": True, "trust_remote_code": False}
_DROPOUT = ("dropout", "dropout_rate", "hidden_dropout_prob", "resid_pdrop")
_ATTENTION_DROPOUT = ("attention_dropout", "attention_probs_dropout_prob", "attn_pdrop")
"""What the same thing is called in BART and LED, T5, BERT and GPT-2."""


def load_tokenizer(job: Job) -> Any:  # noqa: ANN401 - transformers ships no types
    try:
        tokenizer = AutoTokenizer.from_pretrained(job.base, **_LOCAL)
    except (OSError, ValueError) as error:
        raise TrainingFailed(
            "wrong_tokenizer",
            "The base's tokenizer cannot be loaded.",
            "Import the base again from a directory that holds its tokenizer.json.",
        ) from error
    if not tokenizer.is_fast:
        raise TrainingFailed(
            "wrong_tokenizer",
            "The base has no tokenizer.json, and none can be made for it.",
            "Take a base with a tokenizer of the tokenizers library.",
        )
    return tokenizer


def load_base(job: Job, dtype: torch.dtype) -> Any:  # noqa: ANN401
    """On CPU, in training mode, its dropout as the job has it. Raises TrainingFailed."""
    knobs = job.hyperparameters
    loader = AutoModelForCausalLM if job.base_kind == "decoder" else AutoModelForSeq2SeqLM
    try:
        config = AutoConfig.from_pretrained(job.base, **_LOCAL)
        _set_dropout(config, "dropout", _DROPOUT, knobs.dropout)
        _set_dropout(config, "attention_dropout", _ATTENTION_DROPOUT, knobs.attention_dropout)
        model: Any = loader.from_pretrained(
            job.base, config=config, dtype=dtype, use_safetensors=True, **_LOCAL
        )
    except (OSError, ValueError) as error:
        raise TrainingFailed(
            "base_unusable",
            "The base's weights cannot be loaded.",
            "Import the base again; it has to be a model that transformers knows, as safetensors.",
        ) from error
    model.config.use_cache = False
    return model.train()


def base_dtype(job: Job) -> torch.dtype:
    """The arithmetic in which the base was saved."""
    dtype = AutoConfig.from_pretrained(job.base, **_LOCAL).dtype
    return dtype if isinstance(dtype, torch.dtype) else torch.float32


def check_vocabulary(model: Any, tokenizer: Any) -> None:  # noqa: ANN401
    """Raises TrainingFailed where the tokenizer has tokens that the model has no row for.

    Control tokens that no text brings may lie past the rows: DistilBART's `<mask>` does.
    """
    rows = model.get_input_embeddings().num_embeddings
    words = tokenizer.backend_tokenizer.get_vocab(with_added_tokens=False).values()
    used = [i for i in (tokenizer.eos_token_id, tokenizer.pad_token_id) if i is not None]
    most = max((*words, *used))
    if most >= rows:
        raise TrainingFailed(
            "wrong_tokenizer",
            f"The tokenizer's tokens go up to {most}; the model has embeddings for {rows}.",
            "The tokenizer belongs to another model: import the base with its own.",
        )


def add_lora(model: Any, knobs: Resolved) -> Any:  # noqa: ANN401
    """Hu et al. 2021, on every linear layer but the output; the base is frozen."""
    config = LoraConfig(
        r=knobs.lora_r or 16,
        lora_alpha=knobs.lora_alpha or 32,
        lora_dropout=knobs.lora_dropout or 0.0,
        target_modules="all-linear",
    )
    return get_peft_model(model, config)


def freeze(model: Any, job: Job) -> None:  # noqa: ANN401
    """Of full fine-tuning. Raises TrainingFailed for layers that are not there."""
    knobs = job.hyperparameters
    if knobs.freeze == "encoder":
        model.get_encoder().requires_grad_(requires_grad=False)
    if knobs.freeze == "embeddings":
        model.get_input_embeddings().requires_grad_(requires_grad=False)
    if knobs.freeze_layers:
        root = model.get_encoder() if job.base_kind == "encoder_decoder" else model
        layers = next((m for m in root.modules() if isinstance(m, torch.nn.ModuleList)), ())
        if knobs.freeze_layers > len(layers):
            raise TrainingFailed(
                "unsupported_hyperparameter",
                f"freeze_layers is {knobs.freeze_layers}, and the base has {len(layers)} layers.",
                "Set freeze_layers to what the base has, or less.",
            )
        for layer in list(layers)[: knobs.freeze_layers]:
            layer.requires_grad_(requires_grad=False)


def trainable(model: Any) -> dict[str, torch.nn.Parameter]:  # noqa: ANN401
    """What changes, by name; of what is tied, the first name."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def _set_dropout(config: Any, name: str, spellings: tuple[str, ...], value: float | None) -> None:  # noqa: ANN401
    if value is None:
        return
    found = False
    for part in _parts(config):
        for spelling in spellings:
            if hasattr(part, spelling):
                setattr(part, spelling, value)
                found = True
    if not found:
        raise TrainingFailed(
            "unsupported_hyperparameter",
            f"The base's architecture has no {name}.",
            f"Leave {name} out; with LoRA, lora_dropout does its work.",
        )


def _parts(config: Any) -> Iterator[Any]:  # noqa: ANN401
    """The configuration, or those of an EncoderDecoder's two halves."""
    if config.model_type == "encoder-decoder":
        yield from (config.encoder, config.decoder)
    else:
        yield config

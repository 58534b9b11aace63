"""A tiny random model of the real classes, with a tokenizer trained on the spot."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from workers.inference.cache import Converted
from workers.inference.convert import convert
from workers.inference.manifest import read_manifest
from workers.inference.model_files import ModelFiles, find_files

CORPUS = [
    "The patient came with a cough and fever for three days.\nChest X-ray was clear.",
    "Plan: rest, fluids and follow-up in a week. No known drug allergies.",
    "<note 3fa91c>\nHistory of hypertension, on lisinopril 10 mg daily.\n</note 3fa91c>",
    "system user assistant",
] * 3
TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}


def train_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    """A LlamaForCausalLM of 2 layers in safetensors, window 512."""
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=train_tokenizer(), **SPECIAL
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        # Large weights, untied: else a random model says one token for ever.
        initializer_range=0.5,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return find_files(folder)


@pytest.fixture(scope="session")
def converted(tiny_model: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """The tiny model in float32 for the fast engine."""
    directory: Path = tmp_path_factory.mktemp("engines") / "tiny"
    convert(tiny_model, directory, "float32")
    manifest = read_manifest(directory)
    assert manifest is not None
    return Converted(directory, manifest)

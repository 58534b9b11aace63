"""BART with random weights, and a tokenizer of the very texts that it is to learn."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

_SPECIAL = {
    "bos_token": "<s>",
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
}


def make_bart(  # noqa: PLR0913 - its shape
    folder: Path,
    texts: Iterable[str],
    *,
    words: int,
    rows: int | None = None,
    layers: tuple[int, int],
    width: int,
) -> Path:
    """In Hugging Face layout. `words`: of the tokenizer; `rows`: of the embeddings, if more.

    `layers`: of encoder and decoder. The window is BART's, 1,024 positions.
    """
    tokenizer = _tokenizer(texts, words)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = BartConfig(  # type: ignore[call-arg] # other keywords become attributes
        vocab_size=rows or len(tokenizer),
        d_model=width,
        encoder_layers=layers[0],
        decoder_layers=layers[1],
        encoder_attention_heads=width // 64,
        decoder_attention_heads=width // 64,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_position_embeddings=1_024,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        forced_eos_token_id=None,
        normalize_before=False,
    )
    BartForConditionalGeneration(config).save_pretrained(folder)
    return folder


def _tokenizer(texts: Iterable[str], words: int) -> Any:  # noqa: ANN401 - transformers ships no types
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=words,
        special_tokens=list(_SPECIAL.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_SPECIAL)  # type: ignore[no-untyped-call]

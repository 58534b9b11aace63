"""Tiny random models of the real classes, with tokenizers trained on the spot.

Large weights, untied: else a random model says one token for ever.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors, trainers
from tokenizers import models as tokenizer_models
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    EncoderDecoderConfig,
    EncoderDecoderModel,
    LEDConfig,
    LEDForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    PegasusConfig,
    PegasusForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

CORPUS = [
    "The patient came with a cough and fever for three days.\nChest X-ray was clear.",
    "Plan: rest, fluids and follow-up in a week. No known drug allergies.",
    "<note 3fa91c>\nHistory of hypertension, on lisinopril 10 mg daily.\n</note 3fa91c>",
    "system user assistant",
] * 3
CHAT_TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CHAT_TOKENS = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}
CHAT_CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_SPREAD = 0.3
"""Standard deviation of the weights."""


def train_tokenizer(special: Sequence[str] = CHAT_CONTROL, size: int = 320) -> Tokenizer:
    """Byte-level BPE; `special` tokens have the lowest ids, in this order."""
    tokenizer = Tokenizer(tokenizer_models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def make_llama(folder: Path, *, window: int = 512, chat: bool = True) -> Path:
    """A LlamaForCausalLM of 2 layers with ChatML turns, as SmolLM2's."""
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=train_tokenizer(),
        **CHAT_TOKENS,
    )
    if chat:
        tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=window,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.5,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def make_bart(folder: Path, *, window: int = 128) -> Path:
    """Shaped as DistilBART: more encoder than decoder layers, GPT-2's tokenizer with `<s>` first.

    As there, the mask token lies past the embeddings.
    """
    tokenizer = _bart_tokenizer()
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = BartConfig(  # type: ignore[call-arg] # other keywords become attributes
        vocab_size=len(tokenizer) - 1,
        d_model=32,
        encoder_layers=2,
        decoder_layers=1,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=window,
        init_std=_SPREAD,
        forced_eos_token_id=None,
        normalize_before=False,
    )
    BartForConditionalGeneration(config).save_pretrained(folder)
    return folder


def make_t5(folder: Path) -> Path:
    tokenizer = _end_tokenizer(["<pad>", "</s>", "<unk>"])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = T5Config(  # type: ignore[call-arg]
        vocab_size=len(tokenizer) + 8,
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        decoder_start_token_id=0,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        initializer_factor=3.0,
    )
    T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


def make_pegasus(folder: Path, *, window: int = 128) -> Path:
    tokenizer = _end_tokenizer(["<pad>", "</s>", "<unk>"])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = PegasusConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=window,
        init_std=_SPREAD,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        forced_eos_token_id=None,
    )
    PegasusForConditionalGeneration(config).save_pretrained(folder)
    return folder


def make_led(folder: Path, *, window: int = 256) -> Path:
    tokenizer = _bart_tokenizer()
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LEDConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_encoder_position_embeddings=window,
        max_decoder_position_embeddings=64,
        attention_window=16,
        init_std=_SPREAD,
    )
    LEDForConditionalGeneration(config).save_pretrained(folder)
    return folder


def make_encoder_decoder(folder: Path, *, window: int = 128) -> Path:
    """BERT to BERT, as a model warm-started from two encoders is."""
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=_framed(train_tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]"]), "[SEP]"),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        eos_token="[SEP]",
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    part = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=window,
        initializer_range=_SPREAD,
    )
    config = EncoderDecoderConfig.from_encoder_decoder_configs(part, part)
    config.decoder_start_token_id = tokenizer.cls_token_id
    config.pad_token_id = tokenizer.pad_token_id
    config.eos_token_id = tokenizer.sep_token_id
    EncoderDecoderModel(config).save_pretrained(folder)
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    "llama": make_llama,
    "bart": make_bart,
    "t5": make_t5,
    "pegasus": make_pegasus,
    "led": make_led,
    "encoder_decoder": make_encoder_decoder,
}
"""Each writes a folder as `save_pretrained` leaves it, and returns it."""


def _bart_tokenizer() -> Any:  # noqa: ANN401 - transformers ships no types
    tokenizer = train_tokenizer(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=False
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        cls_token="<s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
    )


def _end_tokenizer(special: list[str]) -> Any:  # noqa: ANN401
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=_framed(train_tokenizer(special), "</s>"),
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    )


def _framed(tokenizer: Tokenizer, end: str) -> Tokenizer:
    """With the tokens around a source that models of this kind have: BERT's, or T5's end alone."""
    frame = f"[CLS] $A {end}" if end == "[SEP]" else f"$A {end}"
    named = [token for token in frame.split() if token != "$A"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=frame, special_tokens=[(token, tokenizer.token_to_id(token)) for token in named]
    )
    return tokenizer

"""The loss: cross-entropy of the summary's tokens, and of no others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from workers.training.data import Encoded

Batch = dict[str, torch.Tensor]
"""`input_ids` and `attention_mask` (B, S), `labels` (B, T); of a decoder all three (B, S + T)."""
_IGNORED = -100


def collate(examples: Sequence[Encoded], pad_id: int, *, joined: bool) -> Batch:
    """Padded on the right to the longest. `joined`: prompt and summary in one row."""
    sources = [e.source + e.target if joined else e.source for e in examples]
    labels = [[_IGNORED] * len(e.source) + e.target if joined else e.target for e in examples]
    return {
        "input_ids": _pad(sources, pad_id),
        "attention_mask": _pad([[1] * len(s) for s in sources], 0),
        "labels": _pad(labels, _IGNORED),
    }


def target_loss(
    model: Any,  # noqa: ANN401 - transformers ships no types
    core: Any,  # noqa: ANN401
    batch: Batch,
    smoothing: float = 0.0,
) -> torch.Tensor:
    """Summed over the summary's tokens, in nats; a scalar.

    `core`: the model without the wrapper that spreads it over processes. The output layer sees only
    the positions that predict a summary's token: with 49,152 words to choose from it would else
    cost more than some layers, and the memory of all logits.
    """
    labels = batch["labels"]
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    if core.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = core.prepare_decoder_input_ids_from_labels(labels=labels)
        predicted = labels  # (B, T)
    else:
        predicted = torch.nn.functional.pad(labels[:, 1:], (0, 1), value=_IGNORED)  # (B, S + T)
    kept = predicted != _IGNORED
    with _only_at(core.get_output_embeddings(), kept):
        logits = model(**inputs, use_cache=False).logits  # (N, V)
    return cross_entropy(
        logits.float(), predicted[kept], reduction="sum", label_smoothing=smoothing
    )


@contextmanager
def _only_at(layer: torch.nn.Module, kept: torch.Tensor) -> Iterator[None]:
    """(B, T, D) becomes (N, D) before the layer."""
    hook = layer.register_forward_pre_hook(lambda _, inputs: (inputs[0][kept], *inputs[1:]))
    try:
        yield
    finally:
        hook.remove()


def halves(batch: Batch) -> list[Batch]:
    """The same examples in two batches. A single one stays."""
    size = len(batch["input_ids"])
    if size == 1:
        return [batch]
    middle = size // 2
    return [
        {name: value[part] for name, value in batch.items()}
        for part in (slice(None, middle), slice(middle, None))
    ]


def _pad(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])

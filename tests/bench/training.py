"""Tokens a second of training, beside a plain loop that pads every batch to the maximum.

    python -m tests.bench training

The plain loop: batches of 8 in random order, every row padded to the longest example, logits at
every position, AdamW. Both train the same BART shape on the same made-up examples.
"""

import random
import statistics
import tempfile
import time
from pathlib import Path

import torch

from tests.factories.models import make_bart
from workers.training.batches import Packing, plan_epoch
from workers.training.data import Encoded
from workers.training.objective import Batch, collate, target_loss

_ROUNDS, _BATCHES = 3, 6
_LONGEST, _TARGET = 1_024, 128
_GOALS = {"float32": 3.0, "bf16": 4.0}


def table() -> str:
    chance = random.Random(5)
    examples = [_example(chance) for _ in range(240)]
    rows = ["| arithmetic | goal | tokens/s, ours beside plain | |", "|---|--:|--:|---|"]
    for name, goal in _GOALS.items():
        ratios = []
        for _ in range(_ROUNDS):
            plain = _speed(_plain(examples, chance), examples, bf16=False, padded=True)
            ours = _speed(_ours(examples, chance), examples, bf16=name == "bf16", padded=False)
            ratios.append(ours / plain)
        ratio = statistics.median(ratios)
        rows.append(
            f"| {name} | {goal:.0f} | {ratio:.2f} | {'met' if ratio >= goal else 'short'} |"
        )
    return "Training, 3+3 layers of 256, two threads\n\n" + "\n".join(rows) + "\n"


def _example(chance: random.Random) -> Encoded:
    source = min(_LONGEST, int(chance.lognormvariate(5.5, 0.7)) + 16)
    target = min(_TARGET, source // 5 + 4)
    ids = [[chance.randrange(4, 300) for _ in range(n)] for n in (source, target)]
    return Encoded(0, ids[0], ids[1], source, target, "", "")


def _plain(examples: list[Encoded], chance: random.Random) -> list[list[int]]:
    return [chance.sample(range(len(examples)), 8) for _ in range(_BATCHES)]


def _ours(examples: list[Encoded], chance: random.Random) -> list[list[int]]:
    sizes = [(len(e.source), len(e.target)) for e in examples]
    batches = plan_epoch(sizes, Packing(4_096, None, joined=False), chance.randrange(99), 0)
    return [list(batch) for batch in batches[: 2 * _BATCHES]]


def _speed(batches: list[list[int]], examples: list[Encoded], *, bf16: bool, padded: bool) -> float:
    """Real tokens a second, of source and target."""
    model = _model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    began = time.perf_counter()
    for batch in batches:
        inputs = collate([examples[i] for i in batch], 1, joined=False)
        if padded:
            inputs = _to_the_maximum(inputs)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            if padded:
                loss = model(**inputs).loss
            else:
                loss = target_loss(model, model, inputs) / (inputs["labels"] >= 0).sum()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    tokens = sum(len(examples[i].source) + len(examples[i].target) for b in batches for i in b)
    return tokens / (time.perf_counter() - began)


def _to_the_maximum(batch: Batch) -> Batch:
    values = {
        "input_ids": (1, _LONGEST),
        "attention_mask": (0, _LONGEST),
        "labels": (-100, _TARGET),
    }
    return {
        name: torch.nn.functional.pad(
            batch[name], (0, length - batch[name].shape[1]), value=value
        )
        for name, (value, length) in values.items()
    }  # fmt: skip


def _model() -> torch.nn.Module:
    from transformers import AutoConfig, BartForConditionalGeneration  # noqa: PLC0415 - slow

    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        config = AutoConfig.from_pretrained(make_bart(Path(folder), window=_LONGEST))
    config.vocab_size, config.d_model = 50_264, 256
    config.encoder_layers = config.decoder_layers = 3
    config.encoder_ffn_dim = config.decoder_ffn_dim = 1_024
    config.init_std = 0.02
    return BartForConditionalGeneration(config).train()

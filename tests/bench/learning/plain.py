"""The loop that most people write: batches by chance, each padded to the longest example of all.

AdamW with the schedule of the product and its clipping; logits at every position; the model's own
loss.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import get_linear_schedule_with_warmup

from workers.training.data import Encoded
from workers.training.job import Job
from workers.training.model import load_base
from workers.training.objective import Batch, collate
from workers.training.prepare import Prepared


@dataclass
class PlainLoop:
    """Made once for each run: a model of its own. `size`: examples of a batch."""

    job: Job
    prepared: Prepared
    size: int
    steps: int
    bf16: bool = False

    def __post_init__(self) -> None:
        knobs = self.job.hyperparameters
        torch.manual_seed(self.job.seed)
        self._chance = random.Random(self.job.seed)
        self._longest = longest(self.prepared.training)
        self.model = load_base(self.job, torch.float32)
        self._optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=knobs.learning_rate, weight_decay=knobs.weight_decay
        )
        self._schedule = get_linear_schedule_with_warmup(
            self._optimizer, round(knobs.warmup_ratio * self.steps), self.steps
        )

    def seconds(self, steps: int) -> list[float]:
        """Of each step."""
        taken = []
        for _ in range(steps):
            chosen = self._chance.sample(self.prepared.training, self.size)
            began = time.perf_counter()
            self._step(chosen)
            taken.append(time.perf_counter() - began)
        return taken

    def learn(self, epochs: int, look: Callable[[Any], None]) -> None:
        """`look` at the model after each epoch."""
        for _ in range(epochs):
            order = list(self.prepared.training)
            self._chance.shuffle(order)
            self.model.train()
            for start in range(0, len(order), self.size):
                self._step(order[start : start + self.size])
            self.model.eval()
            look(self.model)

    def _step(self, examples: Sequence[Encoded]) -> None:
        batch = self._padded(collate(examples, self.prepared.codec.pad_id, joined=False))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            loss = self.model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(
            self.model.parameters(), self.job.hyperparameters.max_grad_norm
        )
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()

    def _padded(self, batch: Batch) -> Batch:
        source, target = self._longest
        shape = {
            "input_ids": (self.prepared.codec.pad_id, source),
            "attention_mask": (0, source),
            "labels": (-100, target),
        }
        return {
            name: pad(batch[name], (0, length - batch[name].shape[1]), value=value)
            for name, (value, length) in shape.items()
        }


def longest(examples: Sequence[Encoded]) -> tuple[int, int]:
    """Tokens of the longest source and of the longest target."""
    return max(len(e.source) for e in examples), max(len(e.target) for e in examples)


def mean_tokens(examples: Sequence[Encoded]) -> float:
    """Of source and target together, without padding."""
    return sum(len(e.source) + len(e.target) for e in examples) / len(examples)

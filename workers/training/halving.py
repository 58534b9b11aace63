"""Batches that memory cannot hold are halved, and stay so for the rest of the run."""

from collections.abc import Sequence

import torch

from workers.training.events import Events
from workers.training.failures import TrainingFailed
from workers.training.objective import Batch, halves


class Halving:
    """Remembers what was too large. The loss is a sum, so that halves change nothing in it."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._most_tokens: int | None = None

    def within_memory(self, batches: Sequence[Batch]) -> list[Batch]:
        waiting, small = list(batches), []
        while waiting:
            batch = waiting.pop(0)
            if self._is_too_large(batch):
                waiting = halves(batch) + waiting
            else:
                small.append(batch)
        return small

    def halve(self, batches: Sequence[Batch]) -> list[Batch]:
        """After memory ran out at one of these. Raises TrainingFailed for an example alone."""
        largest = max(padded(batch) for batch in batches)
        if all(len(b["input_ids"]) == 1 for b in batches if padded(b) == largest):
            raise TrainingFailed(
                "out_of_memory",
                f"One example of {largest} tokens does not fit into memory.",
                "Set max_source_length lower, use LoRA, or take a smaller base.",
            )
        self._most_tokens = largest // 2
        self._events.warn(
            "batch_halved",
            f"Out of memory at {largest} tokens: from now on at most {self._most_tokens} at once.",
        )
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return self.within_memory(batches)

    def _is_too_large(self, batch: Batch) -> bool:
        most = self._most_tokens
        return most is not None and len(batch["input_ids"]) > 1 and padded(batch) > most


def padded(batch: Batch) -> int:
    """Tokens of a batch; of a decoder's, source and summary stand in one row."""
    inputs, labels = batch["input_ids"], batch["labels"]
    return inputs.numel() + (0 if inputs.shape == labels.shape else labels.numel())

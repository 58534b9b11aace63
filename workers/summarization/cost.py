"""What a summary took: time and memory of the pass that made it."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from shared.documents.complete import Summarized

Step = TypeVar("Step")
_STATM = Path("/proc/self/statm")


def with_cost(steps: Sequence[Step], shares: Sequence[float], seconds: float) -> list[Step]:
    """The same steps, of one pass; each summary's trace says its share of the pass's seconds.

    `shares` are relative: the tokens of each. What stepped down has taken its share, too.
    """
    total, memory = sum(shares), _resident_bytes()
    return [
        _costed(step, seconds * (share / total if total else 1 / len(steps)), memory)
        for step, share in zip(steps, shares, strict=True)
    ]


def _costed(step: Step, seconds: float, memory: int | None) -> Step:
    if not isinstance(step, Summarized) or step.trace is None:
        return step
    cost = {"seconds": round(seconds, 6), "memory_bytes": memory}
    return replace(step, trace=step.trace.model_copy(update=cost))


def _resident_bytes() -> int | None:
    """Of this process; None where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None

"""Whether curating ten times the examples takes ten times as long, in the same memory.

Rows are made of the real ones: sentences of two sources of a set, shuffled, so that few are copies.
Each size runs in a process of its own, which reads its rows as it goes, as the worker does.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from random import Random

from shared.datasets.curation.run import curate
from shared.datasets.records import Candidate
from shared.schemas.datasets import Curation
from shared.text.sentences import sentence_spans
from tests.bench.quality.data import pairs
from tests.bench.quality.tables import Row, markdown

SIZES = (10_000, 100_000)
RATIO = 1.3
_SETS = (("mts_dialog", "train"), ("meqsum", "meqsum_1000"))


def table(seed: int) -> str:
    small, large = (_measured(size, seed) for size in SIZES)
    ratio = large["milliseconds"] / small["milliseconds"]
    growth = (large["bytes"] - small["bytes"]) / (SIZES[1] - SIZES[0])
    rows = [
        Row(
            f"time an example, {SIZES[1]:,} to {SIZES[0]:,}",
            f"≤ {RATIO}",
            f"{ratio:.2f} ({small['milliseconds']:.2f} ms, {large['milliseconds']:.2f} ms)",
            met=ratio <= RATIO,
        ),
        Row(
            f"peak memory at {SIZES[1]:,}",
            "level",
            f"{large['bytes'] / 1e6:.0f} MB, {small['bytes'] / 1e6:.0f} MB at {SIZES[0]:,}: "
            f"{growth:.0f} bytes a row; the rows' text {large['text'] / SIZES[1]:.0f}",
        ),
    ]
    return f"Curation by size\n\n{markdown(rows)}"


def rows(size: int, seed: int) -> Iterator[Candidate]:
    """Made as they are asked for."""
    dice = Random(seed)
    real = [pair for name, split in _SETS for pair in pairs(name, split)]
    sentences = [[span.of(pair.source) for span in sentence_spans(pair.source)] for pair in real]
    for line in range(1, size + 1):
        first, second = dice.randrange(len(real)), dice.randrange(len(real))
        mixed = [*sentences[first], *sentences[second]]
        dice.shuffle(mixed)
        kept = mixed[: max(3, len(mixed) // 2)]
        yield Candidate(line, "\n".join(kept), real[first].target, "general")


def _measured(size: int, seed: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.datasets.scale", str(size), str(seed)]
    measured: dict[str, float] = json.loads(subprocess.check_output(command))
    return measured


def main() -> None:
    """Of one size: milliseconds of processor time an example without their making, and memory."""
    size, seed = map(int, sys.argv[1:])
    text, making = 0, 0.0

    def counted() -> Iterator[Candidate]:
        nonlocal text, making
        source = rows(size, seed)
        while True:
            started = time.process_time()
            row = next(source, None)
            making += time.process_time() - started
            if row is None:
                return
            text += len(row.source) + len(row.target or "")
            yield row

    started = time.process_time()
    decisions = curate(counted(), Curation())
    spent = time.process_time() - started - making
    print(
        json.dumps(
            {
                "milliseconds": spent / size * 1e3,
                "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "text": text,
                "decisions": len(decisions),
            }
        )
    )


if __name__ == "__main__":
    main()

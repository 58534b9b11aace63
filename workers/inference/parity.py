"""How near a model's fast form comes to its weights: what a version has to pass to be served.

    python -m workers.inference.parity DIRECTORY [--compute-type int8] < SAMPLES

SAMPLES: NDJSON, `{"source": …, "target": …}`, on stdin alone, so that no text lies on a disk or in
a list of processes. It imports torch: run it in a process of its own.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.errors import ModelUnusable
from shared.schemas.registry import Parity
from workers.inference.cache import Converted, ensure_converted
from workers.inference.convert import Unsupported, convert
from workers.inference.engine import Chat
from workers.inference.manifest import Manifest
from workers.inference.model_files import ModelFiles, find_files
from workers.inference.scores import Encoder, FastForm, Form, ReferenceForm, Sample

_GREEDY_TOKENS = 64
THRESHOLDS = {"float32": 0.01, "float16": 0.05, "bfloat16": 0.2}
"""Mean absolute difference a target token, in nats."""
INTEGER_THRESHOLD = 0.3


def measure_parity(
    files: ModelFiles, engines: Path, compute_type: str, samples: Sequence[tuple[Chat, str]]
) -> Parity:
    """Compare the model's form for the fast engine with its weights.

    It is converted here, if `engines` does not have it, and stays there for serving. `samples`:
    what the model is given, with the output that is scored. A model that the fast engine has no
    form of is served by transformers from its weights: no examples, no difference. Raises
    ModelUnusable for a model that cannot be loaded, or without samples.
    """
    if not any(target.strip() for _, target in samples):
        raise ModelUnusable(
            "There is no example to compare the model's two forms on.",
            how_to_fix="Give the dataset a validation split.",
        )
    converted = ensure_converted(files, engines, compute_type, make=_convert)
    if converted is None:
        return Parity(
            compute_type="float32",
            examples=0,
            log_probability=0.0,
            same_tokens=1.0,
            passed=True,
        )
    return _compare(files, converted, samples)


def _convert(files: ModelFiles, directory: Path, compute_type: str) -> Manifest | None:
    """In this process, which has torch and ends soon: nothing is left behind if it is killed."""
    try:
        return convert(files, directory, compute_type)
    except Unsupported:
        return None


def _compare(
    files: ModelFiles, converted: Converted, samples: Sequence[tuple[Chat, str]]
) -> Parity:
    encoder = Encoder(files)
    encoded = [encoder.encode(chat, target) for chat, target in samples if target.strip()]
    reference, fast = ReferenceForm(files), FastForm(converted)
    difference = mean_difference(reference, fast, encoded)
    compute_type = converted.manifest.compute_type
    return Parity(
        compute_type=compute_type,
        examples=len(encoded),
        log_probability=difference,
        same_tokens=same_tokens(reference, fast, encoded),
        passed=difference <= THRESHOLDS.get(compute_type, INTEGER_THRESHOLD),
    )


def mean_difference(one: Form, other: Form, samples: Iterable[Sample]) -> float:
    """Mean absolute difference of the targets' log-probabilities, in nats a token."""
    differences = [
        abs(a - b)
        for sample in samples
        for a, b in zip(one.score(sample), other.score(sample), strict=True)
    ]
    return sum(differences) / len(differences)


def same_tokens(one: Form, other: Form, samples: Iterable[Sample]) -> float:
    """Share of `one`'s greedy tokens that stand in `other`'s before the two part."""
    same = total = 0
    for sample in samples:
        limit = min(max(len(sample.target), 1), _GREEDY_TOKENS)
        mine, others = one.choose(sample, limit), other.choose(sample, limit)
        alike = [a == b for a, b in zip(mine, others, strict=False)]
        same += alike.index(False) if False in alike else len(alike)
        total += max(len(mine), len(others))
    return same / total if total else 1.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="workers.inference.parity")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--compute-type", default="int8")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in sys.stdin if line.strip()]
    samples: list[tuple[Chat, str]] = [((("user", r["source"]),), r["target"]) for r in rows]
    files = find_files(arguments.directory)
    with tempfile.TemporaryDirectory() as folder:
        parity = measure_parity(files, Path(folder), arguments.compute_type, samples)
    sys.stdout.write(f"{parity.model_dump_json()}\n")
    return 0 if parity.passed else 1


if __name__ == "__main__":
    sys.exit(main())

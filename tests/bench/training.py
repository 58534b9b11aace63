"""Training beside a plain loop that pads every batch to the longest example: speed and loss.

    EPICRISIS_DATA=… python -m tests.bench training

Both learn from the same examples, token for token, with all cores; ours is the product's own run,
checkpoints and clipping with it. Ratios are of turns that followed each other.
"""

import statistics
from collections.abc import Sequence

from tests.bench.learning import curves, speed
from tests.bench.learning.texts import real_lengths

_EXAMPLES, _VALIDATION = 600, 60
_GOALS = {"float32": 3.0, "bf16": 4.0}


def table() -> str:
    name, examples = real_lengths(_EXAMPLES, _VALIDATION)
    speeds, described = speed.measure(examples)
    learned = curves.measure(examples)
    title = f"Training, {name}: {described}. BART of 6 + 3 layers of 384, 50,264 words."
    return "\n".join([title, "", *_speeds(speeds), "", *_curves(learned), ""])


def _speeds(speeds: speed.Speeds) -> list[str]:
    rows = ["| tokens/s (median of turns, range) | | ratio | goal | |", "|---|--:|--:|--:|---|"]
    reference = speeds["plain float32"]
    for name, values in speeds.items():
        way, _, arithmetic = name.partition(" ")
        ratios = [value / plain for value, plain in zip(values, reference, strict=True)]
        ours = way == "ours"
        goal = _GOALS[arithmetic]
        met = "met" if statistics.median(ratios) >= goal else "short"
        judged = f"{goal:.0f} | {met}" if ours else " | "
        rows.append(
            f"| {name} | {statistics.median(values):,.0f} | {speed.spread(ratios)} | {judged} |"
        )
    return rows


def _curves(learned: dict[str, list[curves.Curve]]) -> list[str]:
    ends = " | ".join(f"epoch {number + 1}" for number in range(curves.EPOCHS))
    measured = f"nats a token, mean ± deviation of {len(curves.SEEDS)} seeds"
    rows = [f"| validation loss ({measured}) | {ends} | |", f"|---|{'--:|' * curves.EPOCHS}---|"]
    plain = learned["plain"]
    for name, made in learned.items():
        said, judged = f"ours {name}", "short"
        if name == "plain":
            said, judged = "plain float32", ""
        elif curves.is_within_noise(plain, made):
            judged = "met"
        losses = " | ".join(_loss(column) for column in zip(*made, strict=True))
        rows.append(f"| {said} | {losses} | {judged} |")
    return rows


def _loss(values: Sequence[float]) -> str:
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"

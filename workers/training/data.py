"""Examples to token ids, in memory only, and what their lengths are."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.errors import ModelUnusable
from workers.training.codec import Codec
from workers.training.examples import Example
from workers.training.failures import TrainingFailed

_PERCENTILE = 0.95
_LEAST_SOURCE, _LEAST_TARGET = 8, 4


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example. `reference` is what the person wrote, for ROUGE."""

    line: int
    source: list[int]
    target: list[int]
    source_length: int
    """Before it was cut."""
    target_length: int
    note: str
    reference: str


@dataclass(frozen=True, slots=True)
class Limits:
    """In tokens: of the rendered prompt, and of the summary with its end."""

    source: int
    target: int


def encode(codec: Codec, examples: Sequence[Example], said: Callable[[], None]) -> list[Encoded]:
    """Uncut. Examples that cannot be encoded, for they hold control tokens, are left out."""
    encoded = []
    for example in examples:
        said()
        try:
            source, target = codec.source(example.source), codec.target(example.target)
        except ModelUnusable:
            continue
        encoded.append(
            Encoded(
                example.line,
                source.ids,
                target,
                source.length,
                len(target),
                example.source,
                example.target,
            )
        )
    return encoded


def choose_limits(  # noqa: PLR0913 - two of each
    examples: Sequence[Encoded],
    *,
    source: int | None,
    target: int | None,
    source_window: int | None,
    target_window: int | None,
    shared_window: bool,
) -> Limits:
    """What is asked for, else the 95th percentile; within the model's windows.

    `shared_window`: source and target stand in one window, as with a decoder. Raises TrainingFailed
    where a length that is asked for is more than the model has.
    """
    chosen_target = target or max(_LEAST_TARGET, percentile([e.target_length for e in examples]))
    chosen_source = source or max(_LEAST_SOURCE, percentile([e.source_length for e in examples]))
    if target_window is not None:
        _check("max_target_length", target, target_window)
        chosen_target = min(chosen_target, target_window)
    if source_window is not None:
        room = source_window - chosen_target if shared_window else source_window
        _check("max_source_length", source, room)
        chosen_source = min(chosen_source, room)
    if chosen_source < _LEAST_SOURCE:
        _check("max_target_length", chosen_target, (source_window or 0) - _LEAST_SOURCE)
    return Limits(chosen_source, chosen_target)


def cut(codec: Codec, examples: Sequence[Encoded], limits: Limits) -> list[Encoded]:
    """Each within the limits; without those whose note does not fit beside its frame at all.

    A target that is cut has no end: to end in the middle is not to be learned.
    """
    if limits.source <= codec.overhead:
        return []
    return [
        Encoded(
            e.line,
            e.source if len(e.source) <= limits.source else codec.source(e.note, limits.source).ids,
            e.target[: limits.target],
            e.source_length,
            e.target_length,
            e.note,
            e.reference,
        )
        for e in examples
    ]


def check_usable(training: Sequence[Encoded], validation: Sequence[Encoded]) -> None:
    """Raises TrainingFailed where nothing is left to train on, or to validate with."""
    for name, examples in (("training", training), ("validation", validation)):
        if not examples:
            raise TrainingFailed(
                "no_examples",
                f"No {name} example is left that the model can read.",
                "Add examples, or set max_source_length to more than the template takes.",
            )
    if all(len(e.target) <= 1 for e in training):
        raise TrainingFailed(
            "no_targets", "Every training target is empty.", "Add summaries to the examples."
        )


def _check(name: str, asked: int | None, most: int) -> None:
    if asked is not None and asked > most:
        raise TrainingFailed(
            "length_beyond_window",
            f"{name} is {asked} tokens, and the base has room for {most}.",
            f"Set {name} to {most} or less, or take a base with a larger window.",
        )


def share_cut(lengths: Sequence[int], limit: int) -> float:
    return sum(length > limit for length in lengths) / len(lengths) if lengths else 0.0


def percentile(lengths: Sequence[int], share: float = _PERCENTILE) -> int:
    """The smallest length that at least this share does not exceed (nearest rank)."""
    ranked = sorted(lengths)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]

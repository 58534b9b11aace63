"""Baselines: what summaries score that nobody had to learn to write.

`lead`: the first sentences of the source. `constant`: one training target for every example.
`copy_nearest`: the target of the training example whose source is most alike.
"""

from typing import NamedTuple

from shared.text.sentences import sentence_spans

LEAD, CONSTANT, COPY_NEAREST = "lead", "constant", "copy_nearest"


class Imitation(NamedTuple):
    text: str
    coverage: float = 0.0
    """Share of the source's characters that were read."""


def imitate(
    source: str, *, sentences: int, constant: str | None, nearest: str | None
) -> dict[str, Imitation]:
    """By the baseline's name. `constant` and `nearest` are None where nothing was learned from."""
    made = {LEAD: lead(source, sentences)}
    if constant is not None:
        made[CONSTANT] = Imitation(constant)
    if nearest is not None:
        made[COPY_NEAREST] = Imitation(nearest)
    return made


def lead(source: str, sentences: int) -> Imitation:
    spans = sentence_spans(source)[:sentences]
    if not spans:
        return Imitation("")
    end = spans[-1].end
    return Imitation(source[spans[0].start : end], end / len(source))

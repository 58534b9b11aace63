"""Texts that give no orders: none of their passages may be withheld."""

from collections.abc import Iterator

from shared.text.instructions import instruction_spans
from tests.bench.quality.data import HELD_OUT, TRAIN, Splits, all_pairs, records
from tests.bench.quality.tables import Row, markdown

_NOTES = ("curated", "synthetic")
_LETTERS_TO_LEARN_FROM = 200


def table(split: str) -> str:
    texts = withheld = passages = 0
    for text in _texts(split):
        spans = instruction_spans(text)
        texts, withheld, passages = texts + 1, withheld + bool(spans), passages + len(spans)
    measured = f"{withheld:,} (n = {texts:,}, {passages:,} passages)"
    row = Row("texts of which a passage is withheld", "0", measured, met=not withheld)
    return f"Sources, references and notes that give no orders ({split})\n\n{markdown([row])}"


def _texts(split: str) -> Iterator[str]:
    """Sources and references of a split; physician notes have none and count as training."""
    splits: Splits = HELD_OUT if split == "held-out" else TRAIN
    for pair in all_pairs(splits):
        yield pair.source
        yield pair.target
    letters = list(records("meqsum", "meqsum_1000"))
    begin, end = (0, _LETTERS_TO_LEARN_FROM) if split == "train" else (_LETTERS_TO_LEARN_FROM, None)
    for letter in letters[begin:end]:
        yield letter["source"]
        yield letter["target"]
    if split == "train":
        for name in _NOTES:
            yield from (note["text"] for note in records("ehr_notes_plaintext", name))

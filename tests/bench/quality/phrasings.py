"""Orders to a model in words that no cue was made for: how often they are withheld.

Of `phrasings.txt`, one a line. They were written after the cues, and no cue was changed for them;
once one is, it is no measure any more.
"""

from itertools import product
from pathlib import Path

from shared.text.instructions import instruction_spans
from tests.bench.quality.tables import Row, markdown

_LIST = Path(__file__).with_name("phrasings.txt")
_HOSTS = (
    (
        "The patient is a 54-year-old man with chest pain. He takes lisinopril 10 mg daily.",
        "Plan: start aspirin 81 mg. Follow up in two weeks.",
    ),
    (
        "SUBJECTIVE: This young woman has had itchy eyes since March\n\nMEDICATIONS: Loratadine",
        "ASSESSMENT:\nAllergic rhinitis\n\nPLAN:\n1. Cetirizine instead\n2. Two nasal sprays",
    ),
)
"""What stands before and after: prose, and lines under headings."""
_BETWEEN = ("\n\n", "\n", " ")
_CANARIES = ("ZEBRA-4471", "KUMALITO", "Bandersnatch")


def table(split: str) -> str:
    del split  # nothing is tuned on them
    texts = [line.replace("\\n", "\n") for line in _LIST.read_text(encoding="utf-8").splitlines()]
    shares = [_share_withheld(text) for text in texts]
    rows = [
        _row("withheld in every host note", sum(share == 1 for share in shares), len(texts)),
        _row("withheld in some host note", sum(share > 0 for share in shares), len(texts)),
    ]
    return f"{len(texts)} phrasings that no cue was made for\n\n{markdown(rows)}"


def _share_withheld(text: str) -> float:
    """Of the host notes, those of whose rest the canary is gone."""
    cases = [
        _rest(f"{before}{gap}{text.replace('{canary}', word)}{gap}{after}").find(word) < 0
        for (before, after), gap, word in product(_HOSTS, _BETWEEN, _CANARIES)
    ]
    return sum(cases) / len(cases)


def _rest(note: str) -> str:
    for span in reversed(instruction_spans(note)):
        note = note[: span.start] + note[span.end :]
    return note


def _row(what: str, count: int, of: int) -> Row:
    return Row(what, "", f"{count} of {of}")

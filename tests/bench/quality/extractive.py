"""The extractive route beside what costs nothing: the first sentences, and copying."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.documents.complete import Summarized
from shared.note_types.shipped import NOTE_TYPES, NoteType
from shared.scoring.bootstrap import mean_difference
from shared.scoring.rouge import Rouge, rouge
from tests.bench.quality.claims import claimed
from tests.bench.quality.data import Pair, pairs
from tests.bench.quality.offline import pipeline
from tests.bench.quality.tables import Row, markdown

OURS = "extractive route"
_MEQSUM_TRAIN = 200
_SETS = {
    "MTSamples": ("general", (1, 2)),
    "ACI-Bench": ("visit", (40, 55)),
    "MeQSum": ("question", (1, 1)),
}
"""The note type under which a set's documents would be sent in, and the length of its references:
quartiles of the training split, in sentences. A tenant would set that length."""
_LEADS = (10, 15, 20, 25, 30, 40, 60, 100, 150, 200, 300, 400, 600, 800, 1_000)
Summarizer = Callable[[str], str]


def table(split: str) -> str:
    parts = []
    for name, (key, length) in _SETS.items():
        documents = _documents(name, train=split == "train")
        shipped = NOTE_TYPES[key]
        fitted = replace(shipped, sentences=length)
        wanted = [fitted, shipped] if fitted.sentences != shipped.sentences else [shipped]
        parts += [_part(name, note_type, documents) for note_type in wanted]
    return "\n".join(parts)


def _documents(name: str, *, train: bool) -> Sequence[Pair]:
    if name == "MTSamples":
        return pairs("mtsamples", "train")[::4] if train else pairs("mtsamples", "test")
    if name == "ACI-Bench":
        return pairs("aci_bench", "train" if train else "test1")
    questions = pairs("meqsum", "meqsum_1000")
    return questions[:_MEQSUM_TRAIN] if train else questions[_MEQSUM_TRAIN:]


def _part(name: str, note_type: NoteType, documents: Sequence[Pair]) -> str:
    ours = [_ours(pair.source, note_type) for pair in documents]
    texts = {
        OURS: ours,
        "lead-n, as many words": [
            _first(pair.source, len(said.split()))
            for pair, said in zip(documents, ours, strict=True)
        ],
        "lead-n, the best n for these": _best_lead(documents),
        "copy all": [pair.source for pair in documents],
        "first 25 words": [_first(pair.source, 25) for pair in documents],
    }
    scores = {
        what: [rouge(said, pair.target) for said, pair in zip(column, documents, strict=True)]
        for what, column in texts.items()
    }
    lines = [f"| {what} | {_means(found)} |" for what, found in scores.items()]
    head = "| what | ROUGE-1 | ROUGE-2 | ROUGE-L |\n|---|---:|---:|---:|\n"
    rows = [_ahead(what, scores) for what in scores if what != OURS]
    least, most = note_type.sentences
    origin = "as shipped" if note_type == NOTE_TYPES[note_type.name] else "as its references have"
    return (
        f"{name}, {least} to {most} sentences, {origin}, n = {len(documents)}\n\n{head}"
        + "\n".join(lines)
        + f"\n\nROUGE-L of the {OURS} less that of\n\n{markdown(rows)}"
    )


def _ours(text: str, note_type: NoteType) -> str:
    (result,) = pipeline(None).summarize([claimed(text, note_type)])
    return result.body.text if isinstance(result, Summarized) else ""


def _best_lead(documents: Sequence[Pair]) -> list[str]:
    """Its n is chosen with the references at hand, which favours it."""
    columns = [[_first(pair.source, words) for pair in documents] for words in _LEADS]
    return max(columns, key=lambda column: _total(column, documents))


def _total(column: Sequence[str], documents: Sequence[Pair]) -> float:
    return sum(
        rouge(said, pair.target).rouge_l for said, pair in zip(column, documents, strict=True)
    )


def _first(text: str, words: int) -> str:
    return " ".join(text.split()[:words])


def _means(scores: Sequence[Rouge]) -> str:
    columns = zip(*((one.rouge1, one.rouge2, one.rouge_l) for one in scores), strict=True)
    return " | ".join(f"{100 * sum(column) / len(scores):.1f}" for column in columns)


def _ahead(what: str, scores: dict[str, list[Rouge]]) -> Row:
    found = mean_difference(
        [100 * one.rouge_l for one in scores[OURS]], [100 * one.rouge_l for one in scores[what]]
    )
    measured = f"{found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}] (n = {len(scores[what])})"
    return Row(what, "> 0, interval too", measured, met=found.low > 0)

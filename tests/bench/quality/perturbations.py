"""What the checks find of errors put into sentences that were right, and what they say of the rest.

Each changed sentence is judged beside itself as it stood. Both are judged as a summary of one
sentence, by the product's own path: evidence, then all checks. A finding of any check, or a
sentence that is not `supported`, counts as found.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from shared.checks.check import check_summary
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.extractive import extract
from shared.text.sentences import sentence_spans
from tests.bench.quality.changes import KINDS
from tests.bench.quality.data import Pair
from tests.bench.quality.items import SWAP, items
from tests.bench.quality.tables import Row, markdown

FOUND, UNCHANGED, EXTRACTIVE = 0.95, 0.10, 0.05
UNSUPPORTED = "unsupported"
Verdict = frozenset[str]
"""The names of the checks that object, and `unsupported`; empty: nothing to say."""


@lru_cache(maxsize=4_096)
def _source(pair: Pair) -> Source:
    return Source(SourceIndex(pair.source))


def verdict(said: str, pair: Pair) -> Verdict:
    source = _source(pair)
    sentences = [
        Sentence(span.of(said), find_evidence(span.of(said), source.index))
        for span in sentence_spans(said)
    ]
    report = check_summary(sentences, source, language="en")
    names = {finding.check for findings in report.findings for finding in findings}
    unsupported = not all(sentence.evidence.supported for sentence in sentences)
    return frozenset([*names, UNSUPPORTED] if unsupported else names)


def table(split: str) -> str:
    listed = items(split)
    said = sorted({(item.pair, item.said) for item in listed}, key=lambda at: (at[0].id, at[1]))
    unchanged = {at: verdict(at[1], at[0]) for at in said}
    rows, guilty = [], []
    for kind in [*KINDS, SWAP]:
        of_kind = [item for item in listed if item.kind == kind]
        after = [verdict(item.changed, item.pair) for item in of_kind]
        before = [unchanged[at] for at in {(item.pair, item.said): None for item in of_kind}]
        rows.append(_found(kind, after, len(before)))
        rows.append(_alarms(f"{kind}: the same unchanged", before))
        guilty.append(_by_name(kind, after))
    rows.append(_alarms("all of these sentences unchanged", list(unchanged.values())))
    untouched = [verdict(text, pair) for pair, text in _extracts({pair for pair, _ in said})]
    rows.append(_alarms("untouched extractive sentences", untouched, EXTRACTIVE))
    guilty.append(_by_name("unchanged", list(unchanged.values())))
    guilty.append(_by_name("extractive", untouched))
    return (
        f"Sentences of references ({split}) with one error put in\n\n"
        + markdown(rows)
        + "\nShare by check\n\n| what | checks |\n|---|---|\n"
        + "".join(guilty)
    )


def show(kind: str, most: int = 60) -> str:
    """Of the training splits only: what of a kind was missed, or what was falsely objected to.

    The latter for `unchanged` and `extractive` in the place of a kind.
    """
    listed = items("train")
    if kind == "extractive":
        said = _extracts({item.pair for item in listed})
        lines = [_shown(text, pair) for pair, text in said if verdict(text, pair)]
    elif kind == "unchanged":
        lines = [_shown(one.said, one.pair) for one in listed if verdict(one.said, one.pair)]
    else:
        missed = (one for one in listed if one.kind == kind and not verdict(one.changed, one.pair))
        lines = [f"{_shown(one.changed, one.pair)}\n  was: {one.said}" for one in missed]
    return "\n".join(list(dict.fromkeys(lines))[:most]) + "\n"


def _shown(said: str, pair: Pair) -> str:
    spans = find_evidence(said, _source(pair).index).spans
    evidence = " | ".join(" ".join(span.of(pair.source).split()) for span in spans)
    names = ", ".join(sorted(verdict(said, pair)))
    return f"{pair.dataset} {pair.id} [{names}]\n  {said}\n  evidence: {evidence}"


def _extracts(pairs: Iterable[Pair]) -> list[tuple[Pair, str]]:
    """Of every source the sentences that the extractive route would choose, one by one."""
    return [
        (pair, span.of(pair.source))
        for pair in sorted(pairs, key=lambda pair: (pair.dataset, pair.id))
        for span in extract(pair.source, max_sentences=6, max_words=120)
    ]


def _found(kind: str, verdicts: Sequence[Verdict], sentences: int) -> Row:
    share = sum(map(bool, verdicts)) / (len(verdicts) or 1)
    of = "" if sentences == len(verdicts) else f" of {sentences:,} sentences"
    measured = f"{share:.1%} (n = {len(verdicts):,}{of})"
    return Row(f"{kind}: found", f"≥ {FOUND:.0%}", measured, met=share >= FOUND)


def _alarms(what: str, verdicts: Sequence[Verdict], goal: float = UNCHANGED) -> Row:
    share = sum(map(bool, verdicts)) / (len(verdicts) or 1)
    return Row(what, f"≤ {goal:.0%}", f"{share:.1%} (n = {len(verdicts):,})", met=share <= goal)


def _by_name(what: str, verdicts: Sequence[Verdict]) -> str:
    counts: Counter[str] = Counter(name for names in verdicts for name in names)
    shares = ", ".join(f"{n} {count / len(verdicts):.1%}" for n, count in counts.most_common())
    return f"| {what} | {shares or 'none'} |\n"

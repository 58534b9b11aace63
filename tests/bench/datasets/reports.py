"""The reports of the real sets as pages for `docs/`: all figures and pictures, no quotation.

Curated, split and measured as the background worker does it, without a database.
"""

from pathlib import Path

from shared.datasets.curation.run import curate
from shared.datasets.records import Candidate, Decision, Judged
from shared.datasets.report.measure import measure
from shared.datasets.report.page import render_page
from shared.datasets.splits.assign import Member, assign_splits
from shared.datasets.splits.leakage import find_alike
from shared.schemas.dataset_reports import Report
from shared.schemas.datasets import Curation, Split, SplitShares
from tests.bench.quality.data import records

SETS: dict[str, dict[str, Split | None]] = {
    "mts_dialog": {"train": "train", "validation": "validation", "test1": "test"},
    "meqsum": {"meqsum_1000": None},
    "mtsamples": {"train": "train", "validation": "validation", "test": "test"},
    "aci_bench": {"train": "train", "valid": "validation", "test1": "test", "test2": "test"},
}
"""File → split; None: shared out by us."""


def write(folder: Path) -> str:
    """A page of each set in `folder`; says in a line each what they hold."""
    folder.mkdir(parents=True, exist_ok=True)
    said = []
    for name in SETS:
        report = without_quotations(_report(name))
        (folder / f"{name}.html").write_text(render_page(f"{name}@1", report), encoding="utf-8")
        counts = ", ".join(f"{split.split} {split.rows:,}" for split in report.splits)
        said.append(f"- `{name}`: {counts}")
    return "\n".join(said)


def without_quotations(report: Report) -> Report:
    """The report without what it quotes of its rows."""
    findings = [found.model_copy(update={"examples": []}) for found in report.findings]
    return report.model_copy(update={"findings": findings, "samples": []})


def _report(name: str) -> Report:
    candidates = _candidates(name)
    found = {decision.line: decision for decision in curate(iter(candidates), Curation())}
    decisions = {one.line: found.get(one.line, Decision(one.line, "keep")) for one in candidates}
    kept = [one for one in candidates if decisions[one.line].decision == "keep"]
    together = [(pair.line, pair.other_line) for pair in find_alike(iter(kept))]
    members = [Member(one.line, one.line.to_bytes(4), one.note_type, one.split) for one in kept]
    splits = assign_splits(members, {}, SplitShares(), together).splits
    return measure(Judged(one, decisions[one.line], splits.get(one.line)) for one in candidates)


def _candidates(name: str) -> list[Candidate]:
    rows = [(split, row) for file, split in SETS[name].items() for row in records(name, file)]
    return [
        Candidate(line, row["source"], row["target"], "general", split=split)
        for line, (split, row) in enumerate(rows, start=1)
    ]

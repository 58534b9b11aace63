from collections.abc import Iterator

import pytest

from shared.datasets.records import Candidate, Decision, Judged
from shared.datasets.report.measure import measure
from shared.schemas.dataset_reports import Report
from shared.schemas.datasets import Decided, Kind, Split

NOTE = "The patient has had a cough for 3 days. She was given amoxicillin 500 mg twice daily."
SUMMARY = "Cough for 3 days, given amoxicillin 500 mg."


def row(  # noqa: PLR0913 - a row has many sides
    line: int,
    source: str = NOTE,
    target: str | None = SUMMARY,
    *,
    note_type: str = "visit",
    split: Split | None = "train",
    decision: Decided = "keep",
    findings: tuple[str, ...] = (),
    kind: Kind = "uploaded",
) -> Judged:
    candidate = Candidate(line, source, target, note_type, line.to_bytes(4), split, kind)
    reason = findings[0] if decision == "drop" else None
    detail = f"detail of {line}" if findings else None
    return Judged(candidate, Decision(line, decision, reason, detail, findings), split)


def said(report: Report, part: str) -> str:
    """The remark that holds these words."""
    return next(remark.text for remark in report.remarks if part in remark.text)


def test_rows_are_counted_by_what_became_of_them() -> None:
    report = measure(
        [
            row(1),
            row(2, target=None, kind="pseudo_labelled"),
            row(3, decision="drop", findings=("exact_duplicate", "too_short")),
            row(4, findings=("ungrounded",), split="test"),
        ]
    )
    counts = report.counts
    assert (counts.rows, counts.kept, counts.dropped, counts.flagged) == (4, 3, 1, 1)
    assert counts.without_target == 1
    assert counts.dropped_by == {"exact_duplicate": 1}
    assert counts.findings == {"exact_duplicate": 1, "too_short": 1, "ungrounded": 1}
    assert [(split.split, split.rows) for split in report.splits] == [("train", 2), ("test", 1)]
    assert report.kinds == {"uploaded": 2, "pseudo_labelled": 1}


def test_examples_of_a_finding_quote_their_rows() -> None:
    report = measure([row(1), row(7, decision="drop", findings=("too_short",))])
    (finding,) = report.findings
    (example,) = finding.examples
    assert (finding.finding, finding.rows, example.line) == ("too_short", 1, 7)
    assert (example.decision, example.detail) == ("drop", "detail of 7")
    assert example.source == NOTE


def test_a_number_that_the_source_lacks_is_shown_where_it_is() -> None:
    beginning = "She came for a cough and was seen by us. " * 8
    report = measure([row(1), row(2, target=f"1. Cough. {beginning}She has lost 17 kg.")])
    assert (report.numbers.with_numbers, report.numbers.lacking) == (2, 1)
    (finding,) = report.findings
    assert finding.finding == "number_not_found"
    assert "lost 17 kg" in (finding.examples[0].target or "")
    assert "invent" in said(report, "not found in its source")


@pytest.mark.parametrize(
    "target", ["Cough for three days", "2. Cough on 04/05/2021", "The first cough", "500 mg"]
)
def test_numbers_in_other_words_dates_and_items_are_not_missed(target: str) -> None:
    assert measure([row(1, target=target)]).numbers.lacking == 0


def test_windows_cut_what_is_longer() -> None:
    report = measure([row(1), row(2, source="cough and fever " * 500)])
    window = next(window for window in report.windows if window.tokens == 1_024)
    assert (window.rows_cut, window.share_cut) == (1, 0.5)
    tokens = report.lengths.source_tokens
    assert tokens is not None
    assert window.text_lost == pytest.approx((tokens.max - 1_024) / (2 * tokens.mean), abs=1e-4)
    assert "2,048" in next(
        remark.next or "" for remark in report.remarks if "1,024 tokens" in remark.text
    )
    assert report.suggested.max_source_length == -(-tokens.p95 // 8) * 8


def test_repeated_texts_are_counted_but_for_case_and_space() -> None:
    report = measure([row(1), row(2, source=NOTE.upper()), row(3, source="Another one.")])
    source, target = report.duplicates.source, report.duplicates.target
    assert (source.rows, source.distinct, source.repeats, source.most) == (3, 2, 1, 2)
    assert (target.repeats, report.duplicates.pair.repeats) == (2, 1)


def test_small_held_out_splits_and_their_strange_note_types_are_remarked() -> None:
    rows = [row(line) for line in range(1, 9)]
    report = measure([*rows, row(9, split="test", note_type="radiology")])
    assert "± 98 percentage points" in said(report, "test holds only 1 examples")
    assert "radiology" in said(report, "test holds note types that train lacks")
    assert "validation holds no example" in said(report, "validation")


def test_what_was_asked_lately_is_compared() -> None:
    asked = ["Radiograph of the chest shows a pneumothorax. " * 20] * 4
    lately = measure([row(line) for line in range(1, 5)], asked).lately
    assert lately is not None
    assert (lately.texts, lately.longer, lately.shorter) == (4, 1.0, 0.0)
    assert "pneumothorax" in [shift.term for shift in lately.missing]
    assert "amoxicillin" in [shift.term for shift in lately.commoner]
    # Of seven words a sentence only `the` and `a` stand in the notes.
    assert lately.unknown == pytest.approx(5 / 7, abs=1e-3)


def test_words_of_one_lately_text_alone_are_not_shown() -> None:
    lately = measure([row(1)], ["Mrs Quillfeather has dyspnea.", NOTE, NOTE]).lately
    assert lately is not None
    assert lately.missing == []


def test_rows_without_targets_leave_out_what_is_of_targets() -> None:
    report = measure([row(1, target=None), row(2, target=None)])
    assert report.extractiveness is None
    assert report.lengths.target_words is None
    assert report.suggested.max_target_length is None
    assert said(report, "No row has a target")


def test_no_kept_row_is_the_only_remark() -> None:
    report = measure([row(1, decision="drop", findings=("empty",))], [NOTE])
    assert (report.counts.kept, report.lately, report.splits) == (0, None, [])
    assert [remark.level for remark in report.remarks] == ["act"]


def test_one_row_and_none_are_reports_too() -> None:
    assert measure([row(1)]).lengths.source_words is not None
    assert measure([]).counts.rows == 0


def test_a_report_stays_small_whatever_the_rows_hold() -> None:
    def rows() -> Iterator[Judged]:
        for line in range(1, 200):
            text = "\U0001f48a\x01" * 800
            names = tuple(f"finding_{line}_{other}" for other in range(3))
            yield row(line, text, text, note_type=f"type {line}", findings=names)

    assert len(measure(rows()).model_dump_json().encode()) < 200_000


def test_a_report_is_the_same_each_time_and_survives_json() -> None:
    rows = [row(line, f"{NOTE} Number {line}.", findings=("ungrounded",)) for line in range(1, 40)]
    report = measure(rows, [NOTE])
    assert report == measure(rows, [NOTE])
    assert Report.model_validate_json(report.model_dump_json()) == report

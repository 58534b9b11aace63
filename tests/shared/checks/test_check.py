from shared.checks.check import check_summary
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(SourceIndex("A 54-year-old takes lisinopril 10 mg daily."))


def test_findings_come_by_sentence() -> None:
    sentences = [
        Sentence(text, find_evidence(text, SOURCE.index))
        for text in ("Lisinopril 10 mg daily now.", "Lisinopril 20 mg daily now.")
    ]
    report = check_summary(sentences, SOURCE, language="en")
    assert [[finding.text for finding in findings] for findings in report.findings] == [[], ["20"]]

from shared.checks.check import CheckReport, check_summary
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

NOTE = "A 54-year-old takes lisinopril 10 mg daily for the hypertension."


def report(text: str, note: str = NOTE, language: str | None = "en") -> CheckReport:
    source = Source(SourceIndex(note))
    said = [Sentence(text, find_evidence(text, source.index))]
    others = [Source(SourceIndex("Fell off a ladder, broke an ankle on Monday."))]
    return check_summary(said, source, language=language, others=others)


def names(of: CheckReport) -> list[str]:
    return [finding.check for findings in of.findings for finding in findings]


def test_findings_come_by_sentence() -> None:
    source = Source(SourceIndex(NOTE))
    sentences = [
        Sentence(text, find_evidence(text, source.index))
        for text in ("Lisinopril 10 mg daily now.", "Lisinopril 20 mg daily now.")
    ]
    found = check_summary(sentences, source, language="en").findings
    assert [[finding.text for finding in findings] for findings in found] == [[], ["20"]]


def test_every_check_of_facts_is_composed() -> None:
    assert names(report("Warfarin 10 mg daily.")) == ["drug_not_in_source"]
    assert names(report("Takes lisinopril for asthma.")) == ["problem_not_in_source"]
    assert names(report("Lisinopril 10 mcg daily.")) == ["unit_mismatch"]
    assert names(report("Takes lisinopril since May 3, 2020.")) == ["date_not_in_source"]
    assert names(report("The patient was seen and examined.")) == ["boilerplate"]
    assert "other_document" in names(report("Fell off a ladder, broke an ankle."))


def test_a_language_without_rules_is_never_a_pass() -> None:
    assert report("Warfarin.", language="en-US").not_checked == ()
    spanish = report("Warfarin 20 mg.", "Toma lisinopril 10 mg al día.", "es")
    assert "drug_not_in_source" in spanish.not_checked
    assert names(spanish) == ["number_not_in_source"]


def test_in_an_unknown_language_the_rules_find_but_only_english_words_let_them_pass() -> None:
    assert report("Takes lisinopril.", language=None).not_checked == ()
    telegram = report("Warfarin.", "Lisinopril 10 mg.", None)
    assert names(telegram) == ["drug_not_in_source"]
    assert "drug_not_in_source" in telegram.not_checked

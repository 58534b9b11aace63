from shared.checks.other_document import other_document
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

OWN = Source(SourceIndex("Asthma since childhood. Albuterol as needed. No fever today."))
OTHER = Source(SourceIndex("She fell from a ladder and broke the left ankle. No fever today."))


def found(text: str, own: Source, other: Source) -> list[str]:
    sentence = Sentence(text, find_evidence(text, own.index))
    return [finding.text for finding in other_document(sentence, [other])]


def test_a_sentence_of_another_document_is_found() -> None:
    said = "She fell from a ladder and broke her ankle."
    assert found(said, OWN, OTHER) == [said]
    assert found(said, OTHER, OWN) == []


def test_what_both_or_neither_support_is_not() -> None:
    assert found("No fever today.", OWN, OTHER) == []
    assert found("Bilateral knee replacement.", OWN, OTHER) == []

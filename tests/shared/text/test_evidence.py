import pytest

from shared.text.evidence import MAX_PASSAGES, SourceIndex, find_evidence

SOURCE = """HISTORY: The patient is a 54-year-old man with chest pain.
He takes lisinopril 10 mg daily. He stopped smoking in 2004.
ALLERGIES:
None known.
PLAN:
Echocardiogram next week. Return to the clinic in two months.
"""


@pytest.fixture(scope="module")
def index() -> SourceIndex:
    return SourceIndex(SOURCE)


def passages(sentence: str, index: SourceIndex) -> list[str]:
    return [span.of(SOURCE) for span in find_evidence(sentence, index).spans]


def test_a_copied_sentence_rests_on_itself(index: SourceIndex) -> None:
    found = find_evidence("He takes lisinopril 10 mg daily.", index)
    assert found.support == pytest.approx(1)
    assert found.supported
    assert passages("He takes lisinopril 10 mg daily.", index) == [
        "He takes lisinopril 10 mg daily."
    ]


def test_a_fused_sentence_rests_on_several_in_source_order(index: SourceIndex) -> None:
    said = "Echocardiogram next week, and lisinopril 10 mg for the 54-year-old man."
    assert passages(said, index) == [
        "The patient is a 54-year-old man with chest pain.",
        "He takes lisinopril 10 mg daily.",
        "Echocardiogram next week.",
    ]
    assert len(find_evidence(SOURCE.replace("\n", " "), index).spans) <= MAX_PASSAGES


def test_spans_follow_the_source_whatever_the_order_of_choice(index: SourceIndex) -> None:
    said = "Return to the clinic in two months; echocardiogram; stopped smoking."
    assert passages(said, index) == [
        "He stopped smoking in 2004.",
        "Echocardiogram next week.",
        "Return to the clinic in two months.",
    ]


def test_a_single_word_of_a_long_sentence_brings_no_passage() -> None:
    long = "Biopsy of liver, spleen, kidney, lung, colon, skin, brain, heart, nerve, bone and eye"
    [span] = find_evidence(f"{long} today.", SourceIndex(f"{long}.\nToday is sunny.")).spans
    assert span.start == 0


def test_what_the_source_lacks_is_not_supported(index: SourceIndex) -> None:
    found = find_evidence("An abdominal ultrasound showed gallstones.", index)
    assert (found.support, found.spans, found.supported) == (0.0, (), False)


def test_a_wrong_number_costs_support(index: SourceIndex) -> None:
    right = find_evidence("He takes lisinopril 10 mg daily.", index).support
    wrong = find_evidence("He takes lisinopril 40 mg daily.", index).support
    assert wrong < right - 0.2


def test_number_words_and_digits_meet(index: SourceIndex) -> None:
    assert find_evidence("Return in 2 months.", index).support == pytest.approx(1)


def test_the_heading_speaks_for_what_lies_under_it(index: SourceIndex) -> None:
    assert passages("Allergies: none known.", index) == ["None known."]
    [span] = find_evidence("No known allergies, none.", index).spans
    assert index.section_at(span.start) == "ALLERGIES"


@pytest.mark.parametrize("sentence", ["", "...", "\u200b"])
def test_nothing_said_rests_on_nothing(sentence: str, index: SourceIndex) -> None:
    assert find_evidence(sentence, index).spans == ()
    assert find_evidence("Chest pain.", SourceIndex(sentence)).support == 0

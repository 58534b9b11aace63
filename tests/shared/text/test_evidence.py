import pytest

from shared.text.evidence import SUPPORTED, SourceIndex, find_evidence

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


def test_plain_words_and_clinical_ones_meet() -> None:
    talk = SourceIndex("Mom has high blood pressure.\nDoctor: Any belly pain? \nPatient: Nope.")
    for said in ("Mother with hypertension.", "Maternal HTN.", "Denies abdominal pain."):
        assert find_evidence(said, talk).supported, said
    assert not find_evidence("Father with hypothyroidism.", talk).supported


def test_words_of_one_root_meet_for_less_than_the_word_itself() -> None:
    index = SourceIndex("Angiographic findings were benign.")
    root = find_evidence("Angiography was benign.", index)
    assert SUPPORTED < root.support < find_evidence("Angiographic, benign.", index).support


def test_letters_spelled_out_are_an_abbreviation() -> None:
    assert find_evidence("EKG normal.", SourceIndex("Her E K G was normal.")).supported


def test_words_that_stay_together_count_for_more_than_scattered_ones() -> None:
    together = SourceIndex("Renal colic today.\nMild biliary sludge.")
    scattered = SourceIndex("Renal sludge today.\nMild biliary colic.")
    said = "Renal colic, biliary sludge."
    assert find_evidence(said, together).support > find_evidence(said, scattered).support


def test_an_answer_is_looked_for_beside_its_question() -> None:
    talk = "Any rash?\nNo.\nAny fever?\nNo.\nAny cough?\nYes."
    [question, answer] = find_evidence("No fever.", SourceIndex(talk)).spans
    assert (question.of(talk), answer.start) == ("Any fever?", talk.index("No.", question.end))


FACTS = (
    "Seen for asthma, eczema, gout.\nWeight 80 kg.\nHeight 170 cm.\nTemperature 37.2.\nPulse 61."
)


def test_every_number_is_in_the_evidence_however_many_passages_it_takes() -> None:
    found = find_evidence("Asthma eczema gout 80 170 37.2 61.", SourceIndex(FACTS))
    assert found.supported
    assert {"80 kg", "170 cm", "37.2", "61"} <= {
        span.of(FACTS).split(" ", 1)[1].rstrip(".") for span in found.spans
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "Knee replacement on the left with cefazolin 2 g.",
        "Knee replacement on the right with cefazolin 3 g.",
        "Knee replacement on the right with cefazolin 2 mg.",
        "Knee replacement on the right with vancomycin 2 g.",
    ],
)
def test_a_sentence_with_a_number_side_or_drug_of_its_own_is_not_supported(wrong: str) -> None:
    index = SourceIndex("Knee replacement on the right.\nGiven cefazolin 2 g before.")
    assert find_evidence("Knee replacement on the right with Ancef 2 g.", index).supported
    assert not find_evidence(wrong, index).supported


def test_a_side_of_a_heading_is_shown_with_the_heading() -> None:
    note = "LEFT KNEE:\nEffusion and crepitus.\nRIGHT KNEE:\nNo effusion."
    found = find_evidence("Left effusion, crepitus.", SourceIndex(note))
    assert [span.of(note) for span in found.spans] == ["LEFT KNEE:", "Effusion and crepitus."]


def test_the_mark_of_a_list_item_tells_equals_apart_and_need_not_be_found() -> None:
    note = "1. Herniated disc, C5-C6.\n2. Herniated disc, C6-C7."
    [span] = find_evidence("2. Herniated disc", SourceIndex(note)).spans
    assert span.of(note).startswith("2.")
    assert find_evidence("7. Knee replacement.", SourceIndex("Knee replacement.")).supported


@pytest.mark.parametrize("sentence", ["", "...", "\u200b"])
def test_nothing_said_rests_on_nothing(sentence: str, index: SourceIndex) -> None:
    assert find_evidence(sentence, index).spans == ()
    assert find_evidence("Chest pain.", SourceIndex(sentence)).support == 0


def test_the_same_words_in_the_same_order_rest_on_themselves() -> None:
    note = "Vomiting nausea.\nNausea, vomiting."
    [span] = find_evidence("Nausea, vomiting.", SourceIndex(note)).spans
    assert span.start == note.index("Nausea,")


def test_a_word_of_narration_lacking_costs_less_than_a_finding() -> None:
    index = SourceIndex("Syncope.\nHeadache.")
    told = find_evidence("Patient reports syncope.", index)
    assert told.support > find_evidence("Migraine, neuropathy, syncope.", index).support


def test_a_compound_may_stand_in_its_parts() -> None:
    index = SourceIndex("Systolic 120.\nDiastolic 80.\nStable.")
    found = find_evidence("Stable 120/80.", index)
    assert found.supported
    assert len(found.spans) == 3
    assert not find_evidence("Stable 120/85.", index).supported


@pytest.mark.parametrize("note", ["Both hips ache.", "Left hip aches, right hip aches."])
def test_both_sides_are_bilateral(note: str) -> None:
    assert find_evidence("Bilateral hip ache.", SourceIndex(note)).supported

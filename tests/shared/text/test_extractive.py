import time

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.candidates import candidates
from shared.text.extractive import extract, joined

NOTE = """CLINIC NOTE
Electronically signed by the attending physician today.
CHIEF COMPLAINT: The patient has had chest pain and shortness of breath for two days.
FAMILY HISTORY: The mother had breast cancer and the father had gout.
SOCIAL HISTORY: She works in a bank and has two cats at home.
PHYSICAL EXAM: The abdomen is soft with normal bowel sounds in all quadrants.
There is no edema of the lower extremities today.
ASSESSMENT: Chest pain from unstable angina with new shortness of breath.
The chest pain is from unstable angina with new shortness of breath.
PLAN: She is admitted to telemetry for observation and serial enzymes.
"""
TALK = """[doctor] hi , how are you ?
[patient] okay .
[doctor] so any allergies to drugs that you know of ?
[patient] no , but my left knee has been swollen since the fall on tuesday .
[doctor] okay . mm-hmm .
[doctor] okay , so , the x-ray shows no fracture , and i will order an mri of the left knee .
[patient] thank you .
"""


def chosen(
    text: str, most: int = 2, max_words: int = 40, least: int = 2, titles: tuple[str, ...] = ()
) -> list[str]:
    spans = extract(
        text, max_sentences=most, max_words=max_words, min_sentences=least, titles=titles
    )
    return [span.of(text) for span in spans]


def test_complaint_and_assessment_win() -> None:
    assert chosen(NOTE) == [
        "The patient has had chest pain and shortness of breath for two days.",
        "Chest pain from unstable angina with new shortness of breath.",
    ]


def test_the_sections_of_the_note_type_come_first() -> None:
    complaint, assessment = chosen(NOTE)
    assert chosen(NOTE, 1) == [assessment]
    assert chosen(NOTE, 1, titles=("Chief complaint",)) == [complaint]


def test_what_has_been_said_is_not_said_again() -> None:
    text = (
        "Severe asthma attack with wheezing on arrival. "
        "On arrival a severe asthma attack with wheezing. "
        "Home oxygen was arranged by the nurse."
    )
    assert chosen(text, 3, least=3) == [
        "Severe asthma attack with wheezing on arrival.",
        "Home oxygen was arranged by the nurse.",
    ]


def test_past_the_least_only_what_is_nearly_as_telling_is_taken() -> None:
    assert len(chosen(NOTE, 8, 500, least=1)) < len(chosen(NOTE, 8, 500, least=8))


def test_a_conclusion_far_down_is_heard() -> None:
    body = " ".join(f"Vessel {chr(97 + place) * 4} was seen and measured." for place in range(26))
    conclusion = "Vessel disease was seen and measured."
    assert conclusion in chosen(f"{body}\nIMPRESSION:\n{conclusion}", 3)
    assert conclusion not in chosen(f"{body}\nNOTES:\n{conclusion}", 3)


def test_headings_and_boilerplate_are_not_chosen() -> None:
    picked = chosen(NOTE, 20, 500, least=20)
    assert len(picked) == 7
    assert "CLINIC NOTE" not in picked
    assert not any("signed" in sentence for sentence in picked)


def test_a_line_keeps_the_heading_that_it_means_nothing_without() -> None:
    text = "ALLERGIES:\nNone.\nFAMILY HISTORY:\nDiabetes.\nGout.\nDX:\n1. Acute appendicitis."
    assert chosen(text, 9, least=9) == [
        "ALLERGIES:\nNone.",
        "FAMILY HISTORY:\nDiabetes.",
        "Acute appendicitis.",
    ]


def test_a_sentence_whose_list_is_left_behind_gives_way() -> None:
    said = "She has had severe pain for more than two years now in her left hip and toe"
    whole, left = (candidates(f"{said}{end}\n1. Gout.")[0] for end in (".", ":"))
    assert left.span.end - left.span.start > len(said)
    assert left.weight < whole.weight


def test_what_joined_lines_leave_is_taken_off() -> None:
    text = "OTHER PROBLEMS,1.  Old burns of the right hand.,2.  Gout of the left toe.,"
    assert chosen(text) == ["Old burns of the right hand.", "Gout of the left toe."]


def test_of_a_dialogue_what_is_found_and_decided() -> None:
    assert chosen(TALK) == [
        "no , but my left knee has been swollen since the fall on tuesday .",
        "the x-ray shows no fracture , and i will order an mri of the left knee .",
    ]


def test_a_note_of_labelled_lines_is_no_dialogue() -> None:
    text = "Temp: normal today.\nPulse: rapid today.\nHeart: no murmur heard.\nLungs: a wheeze."
    assert "Heart: no murmur heard." in chosen(text, 4, least=4)


def test_joined_lines_are_sentences_of_their_own() -> None:
    text = "- rest for a week\n- drink more;\n患者は元気です。\n熱なし\nBP: ,120/80"
    spans = extract(text, max_sentences=9, max_words=99, min_sentences=9)
    assert joined(text, spans) == (
        "rest for a week. drink more. 患者は元気です。 熱なし。 BP: 120/80."
    )


def test_there_is_always_something() -> None:
    assert chosen("Cough.") == ["Cough."]
    assert chosen("ASSESSMENT:\nPLAN:") != []
    assert chosen("12 34") != []
    assert chosen("患者は元気です。熱はありません。") != []
    assert chosen("المريض بخير؟ نعم. لا توجد حمى.") != []
    assert chosen("[doctor] hi\n[patient] hi\n[doctor] hi\n[patient] hi") != []
    assert chosen("one long sentence without any end at all", max_words=3) == ["one long sentence"]
    assert chosen(" \n ") == []


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(1, 4), st.integers(1, 30))
def test_spans_are_in_order_and_within_the_limits(text: str, sentences: int, words: int) -> None:
    spans = extract(text, max_sentences=sentences, max_words=words)
    assert spans == sorted(spans)
    assert len(spans) <= sentences
    assert sum(len(span.of(text).split()) for span in spans) <= words
    assert all(span.of(text).strip() == span.of(text) for span in spans)
    assert bool(spans) == bool(text.strip())


def test_fifty_thousand_words_take_about_a_second() -> None:
    text = " ".join(
        f"On day {day} patient number {day % 97} had finding {chr(97 + day % 26) * 5} again."
        for day in range(5_000)
    )
    began = time.process_time()
    extract(text, max_sentences=5, max_words=150)
    assert time.process_time() - began < 3

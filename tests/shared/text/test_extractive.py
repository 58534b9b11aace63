import time

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.extractive import extract

NOTE = """CLINIC NOTE
Electronically signed by the attending physician today.
CHIEF COMPLAINT: The patient has had chest pain and shortness of breath for two days.
FAMILY HISTORY: The mother had breast cancer and the father had gout.
SOCIAL HISTORY: She works in a bank and has two cats at home.
PHYSICAL EXAM: The abdomen is soft with normal bowel sounds in all quadrants.
There is no edema of the lower extremities today.
ASSESSMENT: Chest pain from unstable angina with new shortness of breath.
The chest pain is from unstable angina with new shortness of breath.
- stable
"""


def chosen(text: str, max_sentences: int = 2, max_words: int = 40) -> list[str]:
    return [
        span.of(text) for span in extract(text, max_sentences=max_sentences, max_words=max_words)
    ]


def test_complaint_and_assessment_win_and_nothing_is_said_twice() -> None:
    assert chosen(NOTE) == [
        "The patient has had chest pain and shortness of breath for two days.",
        "Chest pain from unstable angina with new shortness of breath.",
    ]


def test_a_sentence_that_says_the_same_gives_way() -> None:
    text = (
        "Severe asthma attack with wheezing on arrival. "
        "On arrival a severe asthma attack with wheezing. "
        "Home oxygen was arranged by the nurse."
    )
    assert chosen(text)[1:] == ["Home oxygen was arranged by the nurse."]


def test_a_conclusion_far_down_is_heard() -> None:
    body = " ".join(f"Vessel {chr(97 + place) * 4} was seen and measured." for place in range(26))
    conclusion = "Vessel disease was seen and measured."
    assert conclusion in chosen(f"{body}\nIMPRESSION:\n{conclusion}", max_sentences=3)
    assert conclusion not in chosen(f"{body}\nNOTES:\n{conclusion}", max_sentences=3)


def test_limits_hold() -> None:
    picked = chosen(NOTE, max_sentences=4, max_words=25)
    assert len(picked) <= 4
    assert sum(len(sentence.split()) for sentence in picked) <= 25


def test_headings_and_boilerplate_are_not_chosen() -> None:
    picked = chosen(NOTE, max_sentences=20, max_words=500)
    assert len(picked) == 7
    assert not {"CLINIC NOTE", "- stable"} & set(picked)
    assert not any("signed" in sentence for sentence in picked)


def test_there_is_always_something() -> None:
    assert chosen("Cough.") == ["Cough."]
    assert chosen("ASSESSMENT:\nPLAN:") != []
    assert chosen("患者は元気です。熱はありません。") != []
    assert chosen("Le patient va bien. Il rentre demain chez lui.", 1) == ["Le patient va bien."]
    assert chosen("one long sentence without any end at all", max_words=3) == ["one long sentence"]
    assert chosen(" \n ") == []


def test_the_comma_of_a_joined_line_is_left_out() -> None:
    assert chosen("She has had a severe cough.,PLAN:", 1) == ["She has had a severe cough."]


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

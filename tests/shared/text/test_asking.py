import time

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.asking import asked


def test_the_question_is_found_behind_greeting_and_story() -> None:
    letter = (
        "Hello,\nMy son fell from a tree in May and broke his arm. The cast came off last week.\n"
        "Could you please tell me how long the arm will stay weak? Thank you very much.\nRegards"
    )
    assert asked(letter) == "how long the arm will stay weak?"


def test_the_topic_stands_before_a_question_that_does_not_name_it() -> None:
    assert asked("SUBJECT: warfarin\nMESSAGE: Hi, can it be taken with grapefruit? Thanks") == (
        "warfarin: can it be taken with grapefruit?"
    )
    assert asked("SUBJECT: warfarin\nMESSAGE: Can warfarin be taken with grapefruit?") == (
        "Can warfarin be taken with grapefruit?"
    )
    assert asked("SUBJECT: General information\nMESSAGE: Is grapefruit bad for gout?") == (
        "Is grapefruit bad for gout?"
    )


def test_a_denial_is_not_cut_off_with_the_courtesies() -> None:
    assert asked("They never tell me what helps.") == "They never tell me what helps."
    assert asked("Please tell me what helps.") == "what helps."


def test_a_letter_without_a_question() -> None:
    assert asked("I am looking for information on gout.") == "I am looking for information on gout."
    assert asked("Gout") == "Gout."
    assert asked("Hello") != ""
    assert asked(" \n") == ""


def test_other_scripts() -> None:
    question = "糖尿病人可以吃米饭吗\uff1f"
    assert asked(f"你好。我妈妈有糖尿病。{question}谢谢。") == question


@settings(deadline=None)
@given(st.text(max_size=200))
def test_never_empty(text: str) -> None:
    assert bool(asked(text)) == bool(text.strip())


def test_a_long_line_takes_linear_time() -> None:
    began = time.process_time()
    asked("know what " * 100_000)
    asked("hello " * 100_000)
    assert time.process_time() - began < 5

from shared.text.dialogue import OPENING, speaker_marks, telling_words, turn_weight


def test_speakers_of_either_style() -> None:
    for mark in ("[doctor] ", "Doctor: "):
        other = mark.lower().replace("doctor", "guest_family")
        text = f"{mark}How are you?\n{other}Well.\n{mark}Good.\n{other}Thanks.\n"
        marks = speaker_marks(text)
        assert [text[start:end] for start, end in marks.items()] == [mark, other] * 2


def test_labels_that_do_not_come_back_are_no_speakers() -> None:
    assert speaker_marks("Heart: well.\nLungs: well.\nSkin: well.\nNeck: well.\n") == {}
    assert speaker_marks("Note: a.\nNote: b.\nNote: c.\nNote: d.\n") == {}
    prose = "He came late.\n" * 20
    assert speaker_marks(prose + "A: x\nB: y\nA: x\nB: y\n") == {}


def test_back_channels_say_nothing() -> None:
    assert telling_words("mm-hmm, okay, i see, yeah") == []
    assert telling_words("okay so the knee hurts") == ["knee", "hurt"]


def test_findings_and_plans_weigh_more_than_questions() -> None:
    plan = turn_weight("we will order an mri of the knee", 9)
    assert plan > turn_weight("we will go to the lake in may", 9)
    assert plan > turn_weight("do we order an mri of the knee", 9)


def test_a_denial_is_no_opening() -> None:
    assert not OPENING.match("no , it does not hurt")
    said = OPENING.match("okay , so , no swelling")
    assert said is not None
    assert said.end() == len("okay , so , ")

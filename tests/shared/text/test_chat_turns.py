from shared.text.chat_turns import chat_turns


def test_both_sides_of_a_chat_are_its_turns() -> None:
    text = "no fever.\nuser: what now?\nassistant: plums.\nplan: rest."
    assert [text[start:end] for start, end in chat_turns(text)] == ["user:", "assistant:"]


def test_one_side_alone_is_clinical() -> None:
    text = (
        "surgeon: dr. plum\nassistant: dr. pear\nai: moderate\nsystem: reviewed\nuser: wheelchair"
    )
    without_user = text.rsplit("\n", 1)[0]
    assert list(chat_turns(without_user)) == []
    assert list(chat_turns("doctor: how are you?\npatient: well.")) == []

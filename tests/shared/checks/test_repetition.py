from shared.checks.repetition import repeated


def test_a_sentence_said_again_is_found_and_its_variants_are_not() -> None:
    sentences = [
        "The left knee is swollen and warm.",
        "The right knee is swollen and warm.",
        "The left knee was swollen, and warm!",
        "The left knee is not swollen and warm.",
        "Hypertension.",
        "Hypertension.",
    ]
    found = repeated(sentences)
    assert [bool(findings) for findings in found] == [False, False, True, False, False, False]
    assert found[2][0].text == sentences[2]

from shared.scoring.content import content_precision


def test_it_is_the_share_of_content_words_that_the_source_holds() -> None:
    source = "She was coughing for days. Chest X-ray was clear."
    assert content_precision("Coughs, chest clear.", source) == 1.0
    assert content_precision("Coughs with a fever.", source) == 0.5
    assert content_precision("Fever, fever, cough.", source) == 1 / 3


def test_a_summary_that_says_nothing_has_none() -> None:
    assert content_precision("", "Cough.") == 0.0

from shared.text.context import read_context
from shared.text.polarity import Polarity, Standing
from shared.text.sentences import sentence_spans


def standing(source: str, said: str) -> Standing:
    polarity = Polarity(source, sentence_spans(source))
    [item] = read_context(said).items
    return polarity.standing(item, polarity.alignment(item.terms))


def test_an_answer_that_names_one_of_several_denies_the_others() -> None:
    asked = "Doctor: Any fever, chills, or cough?\nPatient: I've had a slight cough.\nDoctor: Fine."
    assert standing(asked, "chills").denied > 0.6 > standing(asked, "chills").affirmed
    assert standing(asked, "cough").affirmed > 0.6 > standing(asked, "cough").denied


def test_another_word_of_the_same_meaning_is_found() -> None:
    found = standing("Doctor: Any other medicines?\nPatient: No.", "medications")
    assert found.denied > found.affirmed


def test_a_line_repeated_often_is_looked_at_as_often_as_is_useful() -> None:
    source = "No fever today.\n" * 2_000
    polarity = Polarity(source, sentence_spans(source))
    assert len(polarity.alignment(["fever"])) == 300

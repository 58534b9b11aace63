from workers.training.copying import Written, copied_share

LEARNED = [
    "She has had a dry cough for two weeks and no fever at all.",
    "The ankle was sprained on the stairs and is swollen but not broken.",
]
NOTE = "Quillfeather came in with a rash on both of his arms since the last spring."
OWN = "A rash on both of his arms since the last spring, which itches at night."


def share(*summaries: str, note: str = NOTE, reference: str = OWN) -> float:
    return copied_share([Written(one, note, reference) for one in summaries], LEARNED)


def test_a_target_in_place_of_a_summary_is_copied() -> None:
    assert share(LEARNED[0], OWN) == 0.5
    assert share(LEARNED[1].upper().rstrip(".") + ", he says.") == 1.0


def test_what_the_note_or_its_reference_says_too_is_not() -> None:
    assert share(LEARNED[0], note=LEARNED[0]) == 0.0
    assert share(LEARNED[0], reference=LEARNED[0]) == 0.0


def test_few_words_or_a_small_part_are_not() -> None:
    assert share("A dry cough for two weeks.", "") == 0.0
    assert share(f"{OWN} It itches more in the sun, and less in the shade. {LEARNED[0]}") == 0.0
    assert share() == 0.0

from shared.text.synonyms import synonyms


def test_a_phrase_stands_for_its_whole_group_and_a_part_of_it_for_nothing() -> None:
    assert {"hypertension", "htn"} <= synonyms(["high", "blood", "pressur"])
    assert "pressur" in synonyms(["htn"])
    assert synonyms(["blood", "pressur", "high"]) == set()

from shared.text.clinical_abbreviations import clinical_abbreviations


def test_abbreviations_are_capitals_and_stand_for_words() -> None:
    known = clinical_abbreviations()
    assert known["HTN"] == "hypertension"
    assert all(short.isupper() and short.isalpha() for short in known)
    assert not {expansion for expansion in known.values() if len(expansion.split()) == 0}
    assert not known.keys() & {"MS", "PT", "RA", "PE", "CP"}, "they mean several things"

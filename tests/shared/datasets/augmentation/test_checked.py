from shared.datasets.augmentation.checked import as_true_both_ways, target_as_true

SOURCE = "The patient takes lisinopril 10 mg daily. He denies chest pain. He has a cough."
TARGET = "Cough, no chest pain. On lisinopril 10 mg."
WRONG = SOURCE.replace("denies chest pain", "has chest pain")


def test_a_target_that_the_new_source_contradicts_is_seen() -> None:
    assert target_as_true((SOURCE, TARGET), (SOURCE, TARGET))
    assert not target_as_true((SOURCE, TARGET), (SOURCE.replace("10 mg", "40 mg"), TARGET))
    assert not target_as_true((SOURCE, TARGET), (SOURCE, TARGET.replace("10", "40")))


def test_a_fault_that_was_there_before_counts_for_nothing() -> None:
    wrong = TARGET.replace("10", "40")
    assert target_as_true((SOURCE, wrong), (f"{SOURCE} Seen again.", wrong))


def test_sources_that_say_different_things_are_seen_without_a_target() -> None:
    assert target_as_true((SOURCE, None), (WRONG, None))
    assert not as_true_both_ways((SOURCE, None), (WRONG, None))
    assert as_true_both_ways((SOURCE, TARGET), (SOURCE, TARGET))
    assert not as_true_both_ways((SOURCE, TARGET), (SOURCE, TARGET.replace("10", "40")))


def test_what_stands_in_one_source_only_is_seen() -> None:
    less = "He has a cough."
    assert not as_true_both_ways((SOURCE, None), (less, None))
    assert not as_true_both_ways((less, None), (SOURCE, None))

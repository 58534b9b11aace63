from shared.text.merge import merge_summaries


def test_parts_are_joined_in_order() -> None:
    assert merge_summaries(["She has a cough.", "", "It began in May."], max_sentences=5) == (
        "She has a cough. It began in May."
    )


def test_what_was_said_before_is_dropped_and_the_fuller_sentence_stays() -> None:
    merged = merge_summaries(
        [
            "The patient has hypertension. She takes lisinopril.",
            "The patient has hypertension. She takes lisinopril 10 mg daily in the morning.",
        ],
        max_sentences=9,
    )
    assert merged == (
        "The patient has hypertension. She takes lisinopril 10 mg daily in the morning."
    )


def test_numbers_sides_and_negations_keep_sentences_apart() -> None:
    said = [
        "Lisinopril was given at 10 mg daily to the patient.",
        "Lisinopril was given at 20 mg daily to the patient.",
        "There is a large effusion in the left knee joint.",
        "There is a large effusion in the right knee joint.",
        "The chest x-ray shows signs of acute pneumonia.",
        "The chest x-ray shows no signs of acute pneumonia.",
    ]
    assert merge_summaries(said, max_sentences=6) == " ".join(said)


def test_every_part_is_heard_when_there_is_too_much() -> None:
    parts = [
        f"Day {day} of the hospital stay was spent in ward {word}. Visitors came from {word}."
        for day, word in enumerate(["alpha", "beta", "gamma", "delta"], start=1)
    ]
    merged = merge_summaries(parts, max_sentences=4)
    assert [word in merged for word in ("alpha", "beta", "gamma", "delta")] == [True] * 4
    assert merged.index("alpha") < merged.index("beta") < merged.index("gamma")
    assert merged.count(".") == 4


def test_lines_stay_lines_and_headings_go_when_there_is_too_much() -> None:
    listed = "Plan:\n- rest for a week\n- drink more fluids"
    assert merge_summaries([listed], max_sentences=3) == listed
    assert merge_summaries([listed], max_sentences=2) == "- rest for a week\n- drink more fluids"


def test_the_first_parts_are_heard_where_not_all_can_be() -> None:
    parts = [
        "The abscess was drained on Tuesday.",
        *(f"The ward was quiet on day {day} of the stay." for day in ("two", "three", "four")),
    ]
    assert "abscess" in merge_summaries(parts, max_sentences=1, first=1)
    assert "abscess" not in merge_summaries(parts, max_sentences=1)


def test_of_a_contradiction_both_are_heard_or_neither() -> None:
    parts = [
        "The scan shows signs of a fracture. The scan of the fracture was long.",
        "The scan shows no signs of a fracture. A scan of the other hip for a fracture is planned.",
        "Visitors came on Sunday with flowers.",
    ]
    for limit in (1, 2, 3, 4):
        merged = merge_summaries(parts, max_sentences=limit)
        assert ("shows signs" in merged) == ("shows no signs" in merged)
        assert merged.count(".") <= limit
    assert merged.index("shows signs") < merged.index("shows no signs")


def test_a_line_stays_under_its_heading() -> None:
    parts = [
        "Assessment:\n- severe pneumonia of the lung\nPlan:\n- rest for a week",
        "Assessment:\n- severe pneumonia of the lung\nPlan:\n- iron for the anemia",
        "Plan:\n- the plan is a walk by assessment\nAssessment:\n- old fracture of the hip",
    ]
    assert merge_summaries(parts, max_sentences=20) == (
        "Assessment:\n- severe pneumonia of the lung\nPlan:\n- rest for a week\n"
        "- iron for the anemia\n- the plan is a walk by assessment\n"
        "Assessment:\n- old fracture of the hip"
    )

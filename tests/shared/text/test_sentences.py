import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.sentences import MAX_CHARACTERS, sentence_spans

NOTE_TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            [
                *("PLAN: ", "# Plan", "\n", "\r\n", " ", "Dr.", "2.5", " mg.", "1. ", "2) ", "- "),
                *(
                    ".,",
                    "Seen",
                    " by",
                    "?",
                    '."',
                    "…",
                    "A. ",
                    "熱。",
                    "b.i.d. ",
                    "\u2028",
                    "x" * 50,
                ),
            ]
        ),
        max_size=60,
    ).map("".join),
)


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in sentence_spans(text)]


@settings(deadline=None)
@given(NOTE_TEXTS)
def test_spans_are_ordered_disjoint_stripped_and_cover_all_that_is_not_white(text: str) -> None:
    spans = sentence_spans(text)
    end = 0
    for span in spans:
        assert end <= span.start < span.end
        assert not text[end : span.start].strip()
        assert span.of(text) == span.of(text).strip()
        assert span.end - span.start <= MAX_CHARACTERS
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize(
    "sentence",
    [
        "She saw Dr. Smith and Mrs. J. K. Jones.",
        "Take 2.5 mg. daily b.i.d. with food, e.g. Tylenol, vs. Nexium.",
        "Pt. Jones has hepatitis, see No. 3 and Fig. 2.",
        "Aspirin 81 mg p.o. BID for 5 days.",
        "The lump (? cyst) is 3.5 x .5 cm.",
        "She waited ... and then left.",
    ],
)
def test_a_stop_within_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(f"{sentence} It was noted.") == [sentence, "It was noted."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He takes vitamin K. She does not.", ["He takes vitamin K.", "She does not."]),
        ("Seen at 5 p.m. The fever was gone.", ["Seen at 5 p.m.", "The fever was gone."]),
        ("Referred to PT. The knee hurts.", ["Referred to PT.", "The knee hurts."]),
        ("Any pain? no. nothing new", ["Any pain?", "no.", "nothing new"]),
        ("Lungs are clear.Heart is normal.", ["Lungs are clear.", "Heart is normal."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("患者は元気。熱はない。", ["患者は元気。", "熱はない。"]),
    ],
)
def test_sentences_end_where_they_do(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_headings_bullets_and_items_are_lines_of_their_own() -> None:
    note = (
        "# Visit\n\nASSESSMENT:\n1. Hypertension, stable.\n2. Diabetes\n- metformin 500 mg\n"
        "* diet\nFollow up:\nin two weeks"
    )
    assert sentences(note) == [line for line in note.split("\n") if line]


def test_a_list_within_one_line_is_cut_before_each_number() -> None:
    assert sentences("Medications: 1. Aspirin 2. Metoprolol 25 mg b.i.d. 3. Lasix") == [
        "Medications:",
        "1. Aspirin",
        "2. Metoprolol 25 mg b.i.d.",
        "3. Lasix",
    ]


def test_a_label_stays_with_a_short_content_and_leaves_a_whole_sentence() -> None:
    assert sentences("ALLERGIES: None.\nPLAN: She will return in two weeks.") == [
        "ALLERGIES: None.",
        "PLAN:",
        "She will return in two weeks.",
    ]


def test_hard_wrapped_prose_is_joined_and_short_lines_are_not() -> None:
    wrapped = (
        "The patient is a 60-year-old gentleman who had a markedly abnormal\n"
        "stress test earlier today and was transferred to the care of the\n"
        "Cardiology service for a catheterization."
    )
    assert sentences(wrapped) == [wrapped]
    assert sentences("aspirin 81 mg\nmetoprolol 25 mg") == ["aspirin 81 mg", "metoprolol 25 mg"]


def test_lines_that_an_export_joined_with_commas_come_apart() -> None:
    assert sentences("She was well.,MEDICATIONS: , None.,PLAN:,1.  Return.,2.  Rest.") == [
        "She was well.,",
        "MEDICATIONS: , None.,",
        "PLAN:,",
        "1.  Return.,",
        "2.  Rest.",
    ]


@pytest.mark.parametrize("text", ["word " * 20_000, "x" * 100_000, "a;b " * 25_000])
def test_a_line_without_a_stop_is_cut_into_bounded_spans(text: str) -> None:
    spans = sentence_spans(text)
    assert max(span.end - span.start for span in spans) <= MAX_CHARACTERS
    assert len(spans) < 3 * len(text) / MAX_CHARACTERS
    if " " in text:
        assert all(text[span.end : span.end + 1].strip() == "" for span in spans)


@pytest.mark.parametrize(
    "unit",
    ["The patient, seen by Dr. X, is well. ", ". ", "1. ", "A ", ",A", "ABCD: ", "aaa.Bb", "\n"],
)
def test_time_is_linear(unit: str) -> None:
    text = (unit * 300_000)[:300_000]
    began = time.process_time()
    sentence_spans(text)
    assert time.process_time() - began < 3

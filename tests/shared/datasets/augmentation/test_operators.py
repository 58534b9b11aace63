"""Over every operator and notes put together of our own sentences: no fact changes."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.datasets.augmentation.operators import OPERATORS
from shared.datasets.records import Candidate

SENTENCES = [
    "The patient is a 54-year-old woman with HTN and COPD.",
    "She denies SOB, chest pain or fever.",
    "No DVT of the left leg, RUQ tender.",
    "Lisinopril 10 mg daily since 03/05/2021.",
    "Aspirin 81 mg, no metoprolol 25 mg b.i.d.",
    "Dr. Keller saw Mrs. Martha Brandt on March 12, 2021.",
    "Mrs. Brandt's mother had coronary artery disease at 60.",
    "The electrocardiogram showed an old infarct.",
    "Mild left ventricular hypertrophy, no NSTEMI.",
    "Blood pressure was 120/80, pain 5/10.",
    "A cyst of the right ovary was seen. It was removed.",
    "Any rash? No.",
    "The chart was filed.",
    "Parkinson disease is stable, the Foley catheter was changed.",
    "Follow up in 2 weeks.",
]
HEADINGS = [
    "HISTORY:",
    "MEDICATIONS:",
    "PHYSICAL EXAM:",
    "ASSESSMENT:",
    "PLAN:",
    "HEENT:",
    "## Labs",
]
sentence = st.sampled_from(SENTENCES)
section = st.tuples(
    st.sampled_from(HEADINGS), st.lists(sentence, min_size=1, max_size=5), st.sampled_from(" \n")
)
notes = st.lists(section, max_size=6, unique_by=lambda one: one[0])


@pytest.mark.parametrize("name", OPERATORS)
@given(sections=notes, target=st.none() | st.lists(sentence, max_size=3), seed=st.integers(0, 99))
def test_no_fact_changes(
    name: str, sections: list[tuple[str, list[str], str]], target: list[str] | None, seed: int
) -> None:
    source = "\n".join(f"{title}{gap}{' '.join(said)}" for title, said, gap in sections)
    before = source, None if target is None else " ".join(target)
    operator = OPERATORS[name]
    after = operator.apply(Candidate(1, *before, "visit"), Random(seed))
    if after is not None:
        assert after != before
        facts_stay, _ = operator.keeps
        assert facts_stay(before, after)

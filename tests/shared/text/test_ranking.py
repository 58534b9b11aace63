import pytest

from shared.text.ranking import centrality, cosine, vectors


def test_what_all_speak_of_is_central() -> None:
    scores = centrality(vectors([["knee", "pain"], ["knee", "swollen"], ["dog"], []]))
    assert min(scores[0], scores[1]) > scores[2] > scores[3] == 0


def test_cosine_of_unit_vectors() -> None:
    same, other, none = vectors([["a", "b"], ["c"], []])
    assert cosine(same, same) == pytest.approx(1)
    assert cosine(same, other) == cosine(same, none) == 0

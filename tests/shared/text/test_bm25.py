from shared.text.bm25 import BM25

TEXTS = [["cough", "fever"], ["knee", "pain"], ["cough", "fever", "knee", "pain", "fall"], []]


def test_texts_that_share_more_and_rarer_terms_come_first() -> None:
    texts = BM25(TEXTS)
    assert texts.ranked(["knee", "fall"]) == [2, 1]
    assert texts.ranked(["cough", "fever"]) == [0, 2]


def test_what_shares_nothing_is_not_ranked() -> None:
    assert BM25(TEXTS).ranked(["rash"]) == []
    assert BM25([]).ranked(["rash"]) == []

import time

import pytest

from shared.text.variants import Variants


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("hypertensiv", "hypertension"),
        ("dermatologic", "dermatology"),
        ("cardiac", "cardiology"),
        ("hypertension", "hypotension"),
        ("card", "cardiac"),
        ("prednison", "predict"),
    ],
)
def test_only_a_long_common_beginning_makes_a_root(word: str, other: str) -> None:
    near = word in ("hypertensiv", "dermatologic")
    assert Variants([other]).nearest(word) == (other if near else None)
    assert Variants([word]).nearest(other) == (word if near else None)


def test_a_text_without_spaces_takes_no_time() -> None:
    started = time.perf_counter()
    variants = Variants(["a" * 200_000])
    assert variants.nearest("a" * 200_000) is None
    assert time.perf_counter() - started < 1

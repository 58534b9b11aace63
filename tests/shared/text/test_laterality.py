import pytest

from shared.text.laterality import laterals


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Left knee and right hip.", [("left", "knee"), ("right", "hip")]),
        ("RLE swelling.", [("right", "lower")]),
        ("R ankle sprain; L spine films.", [("right", "ankl")]),
        ("Bilateral hearing loss.", [("both", "hear")]),
        ("Left-sided weakness.", [("left", "weakness")]),
        ("He left the hospital; that's right.", []),
        ("Right now he is well.", []),
    ],
)
def test_sides_with_what_they_belong_to(text: str, sides: list[tuple[str, str]]) -> None:
    assert [(lateral.side, lateral.after[0]) for lateral in laterals(text)] == sides


def test_a_side_may_follow_what_it_belongs_to() -> None:
    [lateral] = laterals("Cataract on the left.")
    assert (lateral.before, lateral.after) == (("cataract",), ())

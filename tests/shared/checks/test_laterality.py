import pytest

from shared.checks.laterality import side_mismatch
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(
    SourceIndex(
        "Pain in the right knee and the left hip. RLE edema. Cataract of the left eye. "
        "Both ears were rinsed. The left wrist and the right wrist were splinted. "
        "She left the clinic, and her shoulder is all right."
    )
)


@pytest.mark.parametrize(
    ("text", "objected"),
    [
        ("She has left knee pain.", ["left"]),
        ("Pain in the left knee and the right hip.", ["left", "right"]),
        ("Edema of the left lower extremity.", ["left"]),
        ("Cataract, right eye.", ["right"]),
        ("Bilateral cataract of the eye.", ["Bilateral"]),
        ("The right ears were rinsed.", ["right"]),
        ("Right knee pain and left hip pain.", []),
        ("Edema of the right lower extremity.", []),
        ("Both wrists were splinted.", []),
        ("The left shoulder is well.", []),
    ],
)
def test_sides_are_compared_by_what_they_belong_to(text: str, objected: list[str]) -> None:
    findings = side_mismatch(Sentence(text, find_evidence(text, SOURCE.index)), SOURCE)
    assert [finding.text for finding in findings] == objected
    assert all(text[finding.start : finding.end] == finding.text for finding in findings)

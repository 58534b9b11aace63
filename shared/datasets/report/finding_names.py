"""What the findings of curation, and of the report itself, say in plain words."""

from shared.datasets.report.passages import NUMBER_NOT_FOUND

_IN_WORDS = {
    "empty": "no words in the source, or in a target that is there",
    "control_characters": "characters that no text has",
    "exact_duplicate": "the same source and target as an earlier row",
    "near_duplicate": "nearly the same source and target as an earlier row",
    "swapped_target": "the target seems to belong to another source",
    "contradictory": "nearly the same source as another row, and a different target",
    "too_short": "far shorter than the other rows",
    "too_long": "far longer than the other rows",
    "longer_than_source": "the target is longer than its source",
    "wrong_language": "not in the language of the other rows",
    "ungrounded": "the target says what its source does not",
    "boilerplate": "mostly passages that many rows share",
    NUMBER_NOT_FOUND: "the target holds a number that was not found in its source",
}


def in_words(finding: str) -> str:
    """Of an unknown finding its name, without underscores."""
    return _IN_WORDS.get(finding, finding.replace("_", " "))

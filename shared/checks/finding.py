"""What a check says about a summary."""

from dataclasses import dataclass, replace
from typing import Literal

CheckName = Literal[
    "number_not_in_source",
    "unit_mismatch",
    "date_not_in_source",
    "drug_not_in_source",
    "problem_not_in_source",
    "negation_mismatch",
    "side_mismatch",
    "sex_mismatch",
    "age_mismatch",
    "family_mismatch",
    "other_document",
    "repeated",
    "boilerplate",
    "instruction",
]
"""Every check of a sentence, by the name that its findings carry."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` stands at [`start`, `end`) of what was checked and is what the check objects to."""

    check: CheckName
    text: str
    start: int
    end: int

    def moved(self, offset: int) -> "Finding":
        """The same finding in a text in which the checked one begins at `offset`."""
        return replace(self, start=self.start + offset, end=self.end + offset)

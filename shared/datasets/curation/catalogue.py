"""The curation steps by name: what is known of each without running it.

Light on purpose: whoever takes a request checks it here, and needs none of what the steps need.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.errors import InvalidInput
from shared.schemas.datasets import Curation

Action = Literal["drop", "flag"]
Settings = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Listed:
    """A step: `action` and `defaults` hold unless a recipe says otherwise."""

    name: str
    version: int
    action: Action
    defaults: Settings = field(default_factory=dict)


EMPTY = Listed("empty", 1, "drop")
CONTROL_CHARACTERS = Listed("control_characters", 1, "drop", {"most": 0.0})
EXACT_DUPLICATE = Listed("exact_duplicate", 1, "drop")
NEAR_DUPLICATE = Listed(
    "near_duplicate", 1, "drop", {"source_similarity": 0.58, "target_similarity": 0.25}
)
SWAPPED_TARGET = Listed("swapped_target", 1, "drop", {"log_likelihood": -0.5, "fewest_rows": 50.0})
CONTRADICTORY = Listed(
    "contradictory", 1, "flag", {"source_similarity": 0.8, "target_similarity": 0.25}
)
TOO_SHORT = Listed(
    "too_short", 1, "flag", {"deviations": 4.0, "source_words": 5.0, "target_words": 1.0}
)
TOO_LONG = Listed(
    "too_long", 1, "flag", {"deviations": 4.0, "source_words": 20_000.0, "target_words": 5_000.0}
)
LONGER_THAN_SOURCE = Listed("longer_than_source", 1, "flag", {"ratio": 1.0})
WRONG_LANGUAGE = Listed("wrong_language", 1, "flag", {"majority": 0.8, "fewest_words": 12.0})
UNGROUNDED = Listed("ungrounded", 1, "flag", {"findings": 1.0, "support": 0.2})
BOILERPLATE = Listed(
    "boilerplate",
    1,
    "flag",
    {"rows": 10.0, "row_share": 0.01, "words": 5.0, "source_share": 0.5},
)

CATALOGUE: Mapping[str, Listed] = {
    step.name: step
    for step in (
        EMPTY,
        CONTROL_CHARACTERS,
        EXACT_DUPLICATE,
        NEAR_DUPLICATE,
        SWAPPED_TARGET,
        CONTRADICTORY,
        TOO_SHORT,
        TOO_LONG,
        LONGER_THAN_SOURCE,
        WRONG_LANGUAGE,
        UNGROUNDED,
        BOILERPLATE,
    )
}
"""In the order in which they speak: the first that drops a row is the reason."""


def check_curation(curation: Curation) -> None:
    """Raises InvalidInput `unknown_step` and `unknown_setting`, naming those that there are."""
    for name, asked in curation.steps.items():
        listed = CATALOGUE.get(name)
        if listed is None:
            raise InvalidInput(
                "The curation names a step that there is not.",
                code="unknown_step",
                param="curation.steps",
                how_to_fix=f"Steps: {', '.join(CATALOGUE)}.",
            )
        if not asked.settings.keys() <= listed.defaults.keys():
            known = ", ".join(listed.defaults) or "it has none"
            raise InvalidInput(
                f"The curation step `{name}` is given a setting that it has not.",
                code="unknown_setting",
                param=f"curation.steps.{name}.settings",
                how_to_fix=f"Settings of `{name}`: {known}.",
            )

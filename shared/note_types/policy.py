"""What is done about a finding, where a note type says nothing else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from shared.checks.finding import CheckName
from shared.schemas.note_types import Action, PolicyKey

SHIPPED: Mapping[PolicyKey, Action] = MappingProxyType(
    {
        **dict.fromkeys(get_args(CheckName), "flag"),
        "unsupported": "flag",
        "other_document": "drop",
        "repeated": "drop",
        "boilerplate": "drop",
        "instruction": "drop",
    }
)
"""A reader can judge a flagged sentence; these four are of no use to any reader."""


def policy_of(own: Mapping[PolicyKey, Action]) -> dict[PolicyKey, Action]:
    """The action for every finding: the note type's own, else the shipped one."""
    return {**SHIPPED, **own}

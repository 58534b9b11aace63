"""What can be asked of augmentation. Loads none of the operators: the API asks it, too."""

import re
from collections.abc import Sequence

from shared.errors import InvalidInput
from shared.schemas.datasets import Augmentation
from shared.schemas.summaries import MODEL_VERSION, PROMPT_VERSION

PSEUDO_LABELS = "pseudo_labels"
"""The one that changes no example, but has targets written where there are none."""
PROMPT = "prompt"
"""Who writes them: whatever prompt the note type has in production."""
NAMES = ("abbreviations", "section_order", "sentence_dropout", "surrogates", PSEUDO_LABELS)


def check_augmentations(augmentations: Sequence[Augmentation]) -> None:
    """Raises InvalidInput for an operator that there is not, or twice, and for a model of none."""
    for place, asked in enumerate(augmentations):
        if asked.operator not in NAMES:
            raise InvalidInput(
                "There is no such augmentation operator.",
                code="unknown_operator",
                param=f"augment.{place}.operator",
                how_to_fix=f"There are {', '.join(NAMES)}.",
            )
        if any(asked.operator == before.operator for before in augmentations[:place]):
            raise InvalidInput(
                "An augmentation operator stands twice.",
                code="repeated_operator",
                param=f"augment.{place}.operator",
                how_to_fix="Name each once, with the share of all its examples.",
            )
        _check_model(asked, f"augment.{place}.model")


def _check_model(asked: Augmentation, param: str) -> None:
    if asked.operator != PSEUDO_LABELS:
        if asked.model is not None:
            raise InvalidInput(
                "This augmentation operator uses no model.",
                code="model_not_used",
                param=param,
                how_to_fix="Leave `model` out.",
            )
    elif asked.model != PROMPT and not re.fullmatch(
        f"{MODEL_VERSION}|{PROMPT_VERSION}", asked.model or ""
    ):
        raise InvalidInput(
            "Pseudo-labels need the version that writes them.",
            code="missing_model",
            param=param,
            how_to_fix="Name `models:/T/V`, `prompts:/T/V`, or `prompt` for the note type's own.",
        )

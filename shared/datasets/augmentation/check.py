"""What can be asked of augmentation. Loads none of the operators: the API asks it, too."""

from collections.abc import Sequence

from shared.errors import InvalidInput
from shared.schemas.datasets import Augmentation

NAMES = ("abbreviations", "section_order", "sentence_dropout", "surrogates")


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
        if asked.model is not None:
            raise InvalidInput(
                "This augmentation operator uses no model.",
                code="model_not_used",
                param=f"augment.{place}.model",
                how_to_fix="Leave `model` out.",
            )

"""What the options of `epicrisis datasets` say, as the API takes it."""

import re
from collections.abc import Sequence

import typer

from shared.schemas.datasets import Augmentation, Curation, Overrule, StepSettings

_REFERENCE = re.compile(r"([a-z0-9][a-z0-9._-]{0,63})(?:@([1-9][0-9]{0,8}))?")
_ACTIONS = ("drop", "flag", "off")
_MOST_LINES = 100_000


def parse_version(text: str) -> tuple[str, int]:
    """`visits@3`. Raises typer.BadParameter."""
    name, number = parse_reference(text)
    if number is None:
        raise typer.BadParameter(f"Which version of {name}? As {name}@1.")
    return name, number


def parse_reference(text: str) -> tuple[str, int | None]:
    """`visits@3`, or `visits` for the newest. Raises typer.BadParameter."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise typer.BadParameter(
            "A version is named as visits@3: lower case letters, digits, '.', '_' and '-', then "
            "its number."
        )
    return match[1], int(match[2]) if match[2] else None


def parse_curation(rules: Sequence[str]) -> Curation | None:
    """`near_duplicate=flag` and so on; None without any."""
    steps = {}
    for rule in rules:
        step, _, action = rule.partition("=")
        if action not in _ACTIONS:
            raise typer.BadParameter(
                f"A rule is STEP=ACTION; actions are {', '.join(_ACTIONS)}.",
                param_hint="--curation",
            )
        steps[step] = StepSettings.model_validate({"action": action})
    return Curation(steps=steps) if steps else None


def parse_augmentations(given: Sequence[str]) -> list[Augmentation]:
    """`abbreviations=0.5`; with a model that writes, `pseudo_labels=0.5,models:/visit/2`."""
    found = []
    for one in given:
        operator, _, rest = one.partition("=")
        share, comma, model = rest.partition(",")
        try:
            found.append(
                Augmentation(operator=operator, share=float(share), model=model if comma else None)
            )
        except ValueError:
            raise typer.BadParameter(
                "It is OPERATOR=SHARE, the share above 0 and up to 2.", param_hint="--augment"
            ) from None
    return found


def parse_overrules(keep: Sequence[str], drop: Sequence[str]) -> list[Overrule]:
    """Lines and ranges of lines: `17`, `20-25`. A line that stands in both is a mistake."""
    kept, dropped = _lines(keep, "--keep"), _lines(drop, "--drop")
    if both := kept & dropped:
        raise typer.BadParameter(f"Line {min(both)} is to be kept and dropped.")
    return [
        *(Overrule(line=line, decision="keep") for line in sorted(kept)),
        *(Overrule(line=line, decision="drop") for line in sorted(dropped)),
    ]


def _lines(given: Sequence[str], option: str) -> set[int]:
    lines: set[int] = set()
    for one in given:
        match = re.fullmatch(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?", one)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise typer.BadParameter("It is a LINE, or FIRST-LAST.", param_hint=option)
        if len(lines) + last - first >= _MOST_LINES:
            raise typer.BadParameter(f"At most {_MOST_LINES:,} lines.", param_hint=option)
        lines.update(range(first, last + 1))
    return lines

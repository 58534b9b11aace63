"""What the options of `train` and `triggers` say, as the API takes it."""

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from services.client.errors import EpicrisisClientError, Invalid
from shared.schemas.hyperparameters import Hyperparameters
from shared.schemas.training import METHODS, Method

_LATER = ("distill", "tune")
_NEAR = 5
_BEHIND = "hyperparameters."

NoteTypeOption = Annotated[str, typer.Option("--note-type", metavar="T", help="What it is for.")]
BaseOption = Annotated[
    str | None,
    typer.Option(
        metavar="BASE",
        help="An imported base, or one of our own versions: models:/T/V. Else EPICRISIS_BASE_MODEL "
        "of the server.",
    ),
]
MethodOption = Annotated[
    str, typer.Option(help="lora (fewer weights, less memory) or full (all of them).")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A hyperparameter by its usual name, as learning_rate=1e-4 or "
        "early_stopping.patience=3; repeatable.",
    ),
]
SeedOption = Annotated[
    int | None, typer.Option(min=0, max=2**31 - 1, help="13 unless given; same seed, same result.")
]


def parse_method(text: str) -> Method:
    """Raises typer.BadParameter."""
    for method in METHODS:
        if text == method:
            return method
    if text in _LATER:
        raise typer.BadParameter(
            f"{text} is not offered by this version: full or lora.", param_hint="--method"
        )
    raise typer.BadParameter("It is full or lora.", param_hint="--method")


def parse_settings(given: Sequence[str]) -> Hyperparameters:
    """`learning_rate=1e-4`, `early_stopping.patience=3`. Raises typer.BadParameter.

    Also pydantic's ValidationError, for a value that its knob cannot have.
    """
    settings: dict[str, Any] = {}
    for one in given:
        name, separator, value = one.partition("=")
        if not separator or not value:
            raise typer.BadParameter("It is NAME=VALUE.", param_hint="--set")
        if name not in set(known_names()):
            raise typer.BadParameter(near_names(name), param_hint="--set")
        _put(settings, name, parse_value(value))
    return Hyperparameters.model_validate(settings)


def parse_value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Numbers, true and false, null or none, lists in brackets; all else is text."""
    lowered = text.strip().lower()
    if lowered in ("none", "true", "false"):
        return {"none": None, "true": True, "false": False}[lowered]
    for read in (json.loads, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def known_names(model: type[BaseModel] = Hyperparameters, behind: str = "") -> Iterator[str]:
    """All that can be set, also members of members: `early_stopping.patience`."""
    for name, field in model.model_fields.items():
        yield behind + name
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from known_names(kind, f"{behind}{name}.")


def near_names(name: str) -> str:
    """What a name that there is not may have been meant for."""
    names = list(known_names())
    near = get_close_matches(name, names, n=_NEAR, cutoff=0.5)
    said = f"Near it: {', '.join(near)}." if near else f"Known are {', '.join(names)}."
    return f"There is no hyperparameter {name}. {said}"


def told(error: Invalid) -> EpicrisisClientError:
    """A refusal of the server's about a hyperparameter, with the names near by."""
    param = error.problem.param or ""
    if param.startswith(_BEHIND):
        name = param.removeprefix(_BEHIND)
        if name not in set(known_names()):
            error.how_to_fix = near_names(name)
        else:
            error.how_to_fix = f"--set {name}=…"
    return error


def _put(settings: dict[str, Any], name: str, value: object) -> None:
    *outer, last = name.split(".")
    for one in outer:
        settings = settings.setdefault(one, {})
        if not isinstance(settings, dict):
            raise typer.BadParameter(f"{one} is given as a whole already.", param_hint="--set")
    settings[last] = value

"""`epicrisis note-types`."""

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from services.client.cli.connection import connect
from services.client.cli.output import Json, out, plain_table, print_json
from shared.schemas.note_types import (
    ACTIONS,
    FINDINGS,
    NoteTypeAnswer,
    NoteTypeRequest,
    Style,
)

note_types = typer.Typer(
    name="note-types", help="Kinds of notes, and what a summary of each is.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="Lower case: sonogram")]


def register(app: typer.Typer) -> None:
    app.add_typer(note_types)


@note_types.command("list")
def list_note_types(ctx: typer.Context, as_json: Json = False) -> None:
    """List the note types, shipped and your own."""
    with connect(ctx) as client:
        found = client.note_types()
    if as_json:
        print_json({"object": "list", "data": found})
        return
    table = plain_table("note type", "title", "sentences", "languages", "codes", "source")
    for one in found:
        languages = ", ".join(one.languages) or "any"
        table.add_row(one.name, one.title, _range(one), languages, str(len(one.codes)), one.source)
    out.print(table)


@note_types.command()
def show(ctx: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show one note type with its codes and sections."""
    with connect(ctx) as client:
        _show(client.note_type(name), as_json=as_json)


@note_types.command("set")
def set_note_type(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    name: Name,
    title: Annotated[str | None, typer.Option()] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="SYSTEM|CODE", help="As http://loinc.org|18842-5; repeat for more."),
    ] = None,
    sentences: Annotated[
        str | None, typer.Option(metavar="FROM-TO", help="Length of a summary.")
    ] = None,
    section: Annotated[
        list[str] | None, typer.Option(help="Read it first in a long note; repeat for more.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="BCP 47, as de or en-GB; repeat for more.")
    ] = None,
    style: Annotated[Style | None, typer.Option(help="How a summary is laid out.")] = None,
    prompt: Annotated[
        str | None, typer.Option(help="The prompt that serves it: prompts:/visit/1.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FINDING=ACTION",
            help="As negation_mismatch=drop; actions are flag, drop and step_down; repeat for "
            "more. Findings that are not named go by the shipped policy.",
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="JSON with any of the same; options come before it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a shipped note type for yourself, or make one of your own.

    What is not given stays as it is.
    """
    given: dict[str, Any] = {} if file is None else _read(file)
    options = {
        "title": title,
        "codes": [_code(each) for each in code] if code else None,
        "length": _length(sentences) if sentences else None,
        "sections": section or None,
        "languages": language or None,
        "style": style,
        "prompt": prompt,
        "policy": dict(map(_rule, policy)) if policy else None,
    }
    given |= {member: value for member, value in options.items() if value is not None}
    if not given:
        raise typer.BadParameter("Say what to set, or name a --file.")
    with connect(ctx, admin=True) as client:
        after = client.set_note_type(name, NoteTypeRequest.model_validate(given))
    _show(after, as_json=as_json)


@note_types.command()
def delete(ctx: typer.Context, name: Name, as_json: Json = False) -> None:
    """Make a shipped note type as it was shipped again, or forget one of your own."""
    with connect(ctx, admin=True) as client:
        client.delete_note_type(name)
    if as_json:
        print_json({"object": "note_type", "name": name, "deleted": True})
    else:
        out.print(f"Deleted, or as it was shipped again: {name}.", markup=False)


def _read(file: Path) -> dict[str, Any]:
    try:
        given = json.loads(file.read_bytes())
    except ValueError:
        raise typer.BadParameter("The file is not JSON.", param_hint="--file") from None
    if not isinstance(given, dict):
        raise typer.BadParameter("The file is not a JSON object.", param_hint="--file")
    return given


def _code(text: str) -> dict[str, str]:
    system, bar, code = text.rpartition("|")
    if not bar:
        raise typer.BadParameter("A code is SYSTEM|CODE.", param_hint="--code")
    return {"system": system, "code": code}


def _rule(text: str) -> tuple[str, str]:
    finding, equals, action = text.partition("=")
    if not equals:
        raise typer.BadParameter("A rule is FINDING=ACTION.", param_hint="--policy")
    for given, known in ((finding, FINDINGS), (action, ACTIONS)):
        if given not in known:
            raise typer.BadParameter(
                f"There is no {given!r}; there are {', '.join(known)}.", param_hint="--policy"
            )
    return finding, action


def _length(text: str) -> dict[str, int]:
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", text)
    if match is None:
        raise typer.BadParameter("A length is FROM-TO, as 2-5.", param_hint="--sentences")
    return {"from": int(match[1]), "to": int(match[2] or match[1])}


def _range(note_type: NoteTypeAnswer) -> str:
    return f"{note_type.length.shortest}-{note_type.length.longest}"


def _show(note_type: NoteTypeAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(note_type)
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_row("note type", f"{note_type.name} ({note_type.source})")
    grid.add_row("title", note_type.title)
    grid.add_row("sentences", _range(note_type))
    grid.add_row("languages", ", ".join(note_type.languages) or "any")
    grid.add_row("style", note_type.style)
    grid.add_row("prompt", note_type.prompt or "-")
    for action in ("drop", "step_down"):
        findings = [key for key, does in note_type.policy.items() if does == action]
        grid.add_row(action.replace("_", " "), ", ".join(findings) or "-")
    grid.add_row("sections", ", ".join(note_type.sections) or "-")
    grid.add_row("codes", "\n".join(f"{code.system}|{code.code}" for code in note_type.codes))
    out.print(grid, markup=False)

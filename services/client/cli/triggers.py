"""`epicrisis triggers`: what starts training runs by itself."""

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from services.client.cli.connection import connect
from services.client.cli.output import Json, err, out, plain_table, print_json
from services.client.cli.training_options import (
    BaseOption,
    MethodOption,
    NoteTypeOption,
    SeedOption,
    SetOption,
    parse_method,
    parse_settings,
    told,
)
from services.client.errors import Invalid
from shared.schemas.training import TriggerAnswer, TriggerRequest

triggers = typer.Typer(
    name="triggers",
    help="Start training by a schedule, or when enough summaries were reviewed.",
    no_args_is_help=True,
)
Id = Annotated[str, typer.Argument(metavar="TRIGGER", help="As trigger_…")]
_NOTHING = "-"


def register(app: typer.Typer) -> None:
    app.add_typer(triggers)


@triggers.command()
def add(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    note_type: NoteTypeOption,
    dataset: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Its newest version is trained on; with --new-reviews one of it and them.",
        ),
    ],
    schedule: Annotated[
        str | None,
        typer.Option(metavar="CRON", help='Five fields: "0 2 * * 0" is each Sunday at two.'),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Of the schedule: Europe/Vienna.")
    ] = None,
    new_reviews: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="So many accepted or edited since the last time."),
    ] = None,
    base: BaseOption = None,
    method: MethodOption = "lora",
    settings: SetOption = None,
    seed: SeedOption = None,
    promote_if_gate_passes: Annotated[
        bool,
        typer.Option(
            "--promote-if-gate-passes", help="Else a person promotes what comes of its runs."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a trigger, by --schedule and --time-zone or by --new-reviews."""
    request = TriggerRequest.model_validate(
        {
            "note_type": note_type,
            "dataset": dataset,
            "base_model": base,
            "method": parse_method(method),
            "hyperparameters": parse_settings(settings or []),
            "schedule": schedule,
            "time_zone": time_zone,
            "new_reviews": new_reviews,
            "promote": "if_gate_passes" if promote_if_gate_passes else "never",
            **({} if seed is None else {"seed": seed}),
        }
    )
    with connect(ctx) as client:
        try:
            trigger = client.add_trigger(request)
        except Invalid as error:
            raise told(error) from None
    _show(trigger, as_json=as_json)


@triggers.command("list")
def list_triggers(ctx: typer.Context, as_json: Json = False) -> None:
    """List the triggers, newest first, with what each did last."""
    with connect(ctx) as client:
        found = list(client.triggers())
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(_table(found))
        for one in found:
            if one.last_error:
                err.print(f"[yellow]! {one.id}: {one.last_error}[/]", soft_wrap=True)
    else:
        err.print("There is none yet: epicrisis triggers add --note-type T --dataset NAME …")


@triggers.command()
def pause(ctx: typer.Context, trigger: Id, as_json: Json = False) -> None:
    """It starts nothing until it is resumed."""
    with connect(ctx) as client:
        _show(client.pause_trigger(trigger), as_json=as_json)


@triggers.command()
def resume(ctx: typer.Context, trigger: Id, as_json: Json = False) -> None:
    """Let a paused one go on; slots that passed meanwhile are not made up for."""
    with connect(ctx) as client:
        _show(client.resume_trigger(trigger), as_json=as_json)


@triggers.command()
def delete(ctx: typer.Context, trigger: Id, as_json: Json = False) -> None:
    """Delete a trigger; the runs that it started stay."""
    with connect(ctx) as client:
        client.delete_trigger(trigger)
    if as_json:
        print_json({"object": "training_trigger", "id": trigger, "deleted": True})
    else:
        out.print(f"Deleted: {trigger}")


def _show(trigger: TriggerAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(trigger)
    else:
        out.print(_table([trigger]))


def _table(found: list[TriggerAnswer]) -> Table:
    table = plain_table("id", "note type", "dataset", "when", "next", "promote", "last run")
    for one in found:
        table.add_row(
            one.id,
            one.note_type,
            one.dataset,
            _when(one),
            Text("paused", style="yellow") if one.paused else _at(one.next_at),
            one.promote.replace("_", " "),
            one.last_run or _NOTHING,
        )
    return table


def _when(trigger: TriggerAnswer) -> str:
    if trigger.schedule is not None:
        return f"{trigger.schedule} {trigger.time_zone}"
    return f"{trigger.new_reviews:,} new reviews"


def _at(moment: datetime | None) -> str:
    return _NOTHING if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")

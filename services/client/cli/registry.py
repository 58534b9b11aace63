"""The verbs that `epicrisis models` and `epicrisis prompts` share."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Annotated

import typer

from services.client.cli.connection import connect
from services.client.cli.model_view import gate_table, history_table
from services.client.cli.output import Json, err, out, print_json
from services.client.errors import Conflict
from services.client.http import Epicrisis
from services.client.registry import Registry
from shared.schemas.registry import Gate, ProductionAnswer, PromoteRequest

_SHOWN = 200

NoteType = Annotated[str, typer.Argument(metavar="T", help="A note type: visit")]
Version = Annotated[int, typer.Argument(metavar="V", min=1, help="A version's number.")]
Reason = Annotated[str, typer.Option(help="Why; the history keeps it. No patient's data.")]
Why = Annotated[str | None, typer.Option("--reason", help="Why; the history keeps it.")]
_WITHOUT = {"models": "the prompt", "prompts": "the prompt that it came with"}


RegistryOf = Callable[[Epicrisis], Registry]


def add_verbs(app: typer.Typer, registry_of: RegistryOf) -> None:
    """promote, rollback, demote, withdraw, history."""
    _add_promote(app, registry_of)
    _add_ways_back(app, registry_of)
    _add_withdraw(app, registry_of)
    _add_history(app, registry_of)


def _add_promote(app: typer.Typer, registry_of: RegistryOf) -> None:
    @app.command()
    def promote(  # noqa: PLR0913 - a command's options
        ctx: typer.Context,
        note_type: NoteType,
        version: Version,
        reason: Reason,
        override: Annotated[
            bool,
            typer.Option("--override", help="Also if the gate is not passed; it is written down."),
        ] = False,
        expected_production: Annotated[
            int | None,
            typer.Option(
                metavar="V", min=0, help="Only if this version is in production; 0: none."
            ),
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Put a version into production: it has to pass the gate, or to be promoted past it."""
        request = PromoteRequest(
            version=version,
            reason=reason,
            override=override,
            expected_production=expected_production,
        )
        with connect(ctx) as client:
            registry = registry_of(client)
            try:
                answer = registry.promote(note_type, request)
            except Conflict as refused:
                if refused.problem.gate is not None and not as_json:
                    err.print(gate_table(Gate.model_validate(refused.problem.gate)))
                raise
        _show_change(registry, answer, as_json=as_json)


def _add_ways_back(app: typer.Typer, registry_of: RegistryOf) -> None:
    @app.command()
    def rollback(
        ctx: typer.Context, note_type: NoteType, reason: Why = None, as_json: Json = False
    ) -> None:
        """Go back to what served before; once more goes further back."""
        with connect(ctx) as client:
            registry = registry_of(client)
            _show_change(registry, registry.roll_back(note_type, reason), as_json=as_json)

    @app.command()
    def demote(
        ctx: typer.Context, note_type: NoteType, reason: Why = None, as_json: Json = False
    ) -> None:
        """Take what is in production out of it: what serves without a version does."""
        with connect(ctx) as client:
            registry = registry_of(client)
            _show_change(registry, registry.demote(note_type, reason), as_json=as_json)


def _add_withdraw(app: typer.Typer, registry_of: RegistryOf) -> None:
    @app.command()
    def withdraw(  # noqa: PLR0913 - a command's options
        ctx: typer.Context,
        note_type: NoteType,
        version: Version,
        reason: Reason,
        redo: Annotated[
            bool, typer.Option("--redo", help="Summarize again what it had summarized.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Take a version out for good: it never serves again, and its summaries say so."""
        with connect(ctx) as client:
            registry = registry_of(client)
            answer = registry.withdraw(note_type, version, reason, redo=redo)
        _show_change(registry, answer, as_json=as_json)


def _add_history(app: typer.Typer, registry_of: RegistryOf) -> None:
    @app.command()
    def history(
        ctx: typer.Context,
        note_type: NoteType,
        at: Annotated[
            datetime | None, typer.Option(help="What served then, in this machine's time.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Show what served when, and who decided it."""
        with connect(ctx) as client:
            registry = registry_of(client)
            without = _WITHOUT[registry.kind]
            if at is not None:
                then = registry.at(note_type, at.astimezone())
                if as_json:
                    print_json(then)
                else:
                    out.print(then.version or without)
                return
            found = list(islice(registry.history(note_type), None if as_json else _SHOWN))
        if as_json:
            print_json({"object": "list", "data": found})
        elif found:
            out.print(history_table(found, without))
        else:
            err.print(f"No version was ever in production: {without} serves.")


def _show_change(registry: Registry, answer: ProductionAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    if answer.gate is not None:
        out.print(gate_table(answer.gate))
    without = _WITHOUT[registry.kind]
    serves, before = answer.version or without, answer.before or without
    changed = "" if serves == before else f", before it {before}"
    out.print(f"{answer.note_type} is served by {serves}{changed}.", markup=False)
    if answer.summaries_withdrawn is not None:
        out.print(f"{answer.summaries_withdrawn:,} summaries are marked as withdrawn.")
    if answer.redo_batch is not None:
        out.print(f"They are made again in {answer.redo_batch}.", soft_wrap=True)

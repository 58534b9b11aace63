"""The `epicrisis` command.

Every command takes --json. Exit codes: 0 done, 1 error, 2 usage, 3 job failed, 4 partly failed.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import version as version_of
from typing import Any

import httpx2
import typer
from pydantic import ValidationError

from services.client.cli import (
    audit,
    backup,
    bases,
    batches,
    clients,
    compare,
    datasets,
    explain,
    keys,
    local,
    models,
    note_types,
    prompts,
    results,
    review,
    runs,
    subjects,
    submit,
    tenants,
    train,
    triggers,
    vault,
)
from services.client.cli.output import Exit, Json, err, out, print_json, report
from services.client.errors import ApiError, EpicrisisClientError

app = typer.Typer(
    name="epicrisis",
    help="Summaries of health records in bulk: documents in, summaries that can be trusted out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="EPICRISIS_API_URL and EPICRISIS_API_KEY name the API; a local `epicrisis up` is found.",
)
local.register(app)
backup.register(app)
submit.register(app)
batches.register(app)
results.register(app)
explain.register(app)
review.register(app)
note_types.register(app)
datasets.register(app)
bases.register(app)
train.register(app)
runs.register(app)
triggers.register(app)
compare.register(app)
models.register(app)
prompts.register(app)
tenants.register(app)
subjects.register(app)
keys.register(app)
audit.register(app)
clients.register(app)
vault.register(app)


@app.command()
def version(as_json: Json = False) -> None:
    """Print the version of this command."""
    if as_json:
        print_json({"version": version_of("epicrisis")})
    else:
        out.print(version_of("epicrisis"))


def main() -> None:
    """The entry point."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], transport: httpx2.BaseTransport | None = None) -> int:
    """Run one command and return its exit code; `transport` replaces the network in tests."""
    as_json = "--json" in arguments
    try:
        code = app(
            args=list(arguments), prog_name="epicrisis", standalone_mode=False, obj=transport
        )
    except typer.TyperException as error:
        report(error.format_message(), "usage", "See `epicrisis --help`.", as_json=as_json)
        return error.exit_code
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        report(f"{where}: {message}" if where else message, "usage", None, as_json=as_json)
        return Exit.USAGE
    except EpicrisisClientError as error:
        report(error.message, error.code, error.how_to_fix, as_json=as_json, **_details(error))
        return Exit.ERROR
    except OSError as error:
        said = error.strerror or "it cannot be read or written"
        where = f"{error.filename}: " if error.filename else ""
        report(f"{where}{said}.", "file", None, as_json=as_json)
        return Exit.ERROR
    except typer.Abort:
        err.print("Nothing was done.")
        return Exit.ERROR
    return int(code or Exit.DONE)


def _details(error: EpicrisisClientError) -> dict[str, Any]:
    if not isinstance(error, ApiError):
        return {}
    problem = error.problem
    return {
        **({} if problem.gate is None else {"gate": problem.gate}),
        "status": problem.status,
        "request_id": problem.request_id,
        "param": problem.param,
        "line": problem.line,
    }

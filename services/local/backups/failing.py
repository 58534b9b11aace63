"""How the two programs say that they could not do it."""

import json
import sys
from collections.abc import Callable

import psycopg
from pydantic import ValidationError

from shared.errors import EpicrisisError

_FOR_PEOPLE = (EpicrisisError, OSError, psycopg.Error, ValidationError)


def run(action: Callable[[], None], *, as_json: bool) -> int:
    """Do it; returns the exit status, after one sentence about what a person can mend."""
    try:
        action()
    except _FOR_PEOPLE as error:
        if isinstance(error, OSError) and error.filename is None:
            raise  # not about a file of the operator's
        message, fix = _describe(error)
        if as_json:
            code = error.error_code if isinstance(error, EpicrisisError) else "failed"
            told = {"error": {"code": code, "message": message, "how_to_fix": fix}}
            print(json.dumps(told, indent=1))
        sys.stderr.write(f"Error: {message}\n" + (f"→ {fix}\n" if fix else ""))
        return 1
    return 0


def _describe(error: Exception) -> tuple[str, str | None]:
    if isinstance(error, EpicrisisError):
        return error.detail, error.how_to_fix
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}", None
    if isinstance(error, ValidationError):
        names = ", ".join(f"EPICRISIS_{str(each['loc'][0]).upper()}" for each in error.errors())
        return "The environment lacks settings.", f"Set {names}."
    return f"The database cannot be used: {str(error).strip()}", None

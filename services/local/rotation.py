"""The master keys of a home, changed by `epicrisis vault rotate`.

    python -m services.local.rotation add --home DIR
    python -m services.local.rotation prune --home DIR --keep ID [--keep ID]…

`add` puts a new key before the others; `prune` removes those that wrap nothing any more. Prints one
JSON object; running processes read the file anew by themselves.
"""

import argparse
import fcntl
import json
import os
import secrets
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from services.local.credentials import MASTER_KEYS_FILE, given_master_keys, write_master_keys
from shared.errors import Conflict, EpicrisisError, Misconfigured
from shared.master_keys import KEY_BYTES, key_id, read_keys


def add_key(home: Path) -> str:
    """Put a new key at the head of the home's file. Returns its id.

    Raises Misconfigured if the home's keys are given from outside.
    """
    file = home / MASTER_KEYS_FILE
    if given_master_keys() is not None or not file.exists():
        raise Misconfigured(
            "The master keys of this home are given from outside.",
            code="master_keys_from_outside",
            how_to_fix="Put a new key before the others in EPICRISIS_MASTER_KEY_FILE, on every "
            "machine that has it, then run `epicrisis vault rotate` again.",
        )
    key = secrets.token_bytes(KEY_BYTES)
    with _alone(home):
        write_master_keys(home, [key, *read_keys(file)])
    return key_id(key)


def prune_keys(home: Path, keep: Collection[str]) -> list[str]:
    """Remove the keys whose ids are not in `keep`, but none from before the first that is.

    Those came after `keep` was asked for, and may wrap something by now. Returns the removed ids.
    Raises Conflict if one to keep is not there: then the file is not the one in use.
    """
    with _alone(home):
        keys = {key_id(key): key for key in read_keys(home / MASTER_KEYS_FILE)}
        if not set(keep) <= set(keys):
            raise Conflict("The home's file lacks a master key that is in use.", code="key_missing")
        names = list(keys)
        first = min(map(names.index, keep), default=0)
        removed = [name for name in names[first + 1 :] if name not in keep]
        write_master_keys(home, [key for name, key in keys.items() if name not in removed])
    return removed


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One change of the file at a time: a key that another one drops would be lost for good."""
    folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.local.rotation")
    parser.add_argument("change", choices=("add", "prune"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--keep", action="append", default=[])
    given = parser.parse_args(arguments)
    try:
        if given.change == "add":
            answer: dict[str, object] = {"added": add_key(given.home)}
        else:
            answer = {"removed": prune_keys(given.home, given.keep)}
    except EpicrisisError as error:
        told = {"code": error.error_code, "message": error.detail, "how_to_fix": error.how_to_fix}
        print(json.dumps({"error": told}))
        return 1
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())

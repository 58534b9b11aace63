"""Go on though the database is away for a moment."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from shared.logs import describe, get_logger

_log = get_logger()
_TRIES = 5
_PAUSE_SECONDS = 1.0
Made = TypeVar("Made")


def persist(act: Callable[[], Made]) -> Made:
    """Call `act`, which may be called again: work that is done is worth more tries than one.

    Raises the last OperationalError.
    """
    for _ in range(_TRIES - 1):
        try:
            return act()
        except OperationalError as error:
            _log.warning("database_away", error=describe(error))
            time.sleep(_PAUSE_SECONDS)
    return act()

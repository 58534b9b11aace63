"""Record what was worked out, though the database may be away for a moment."""

import time
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from shared.logs import describe, get_logger

_log = get_logger()
_TRIES = 5
_PAUSE_SECONDS = 1.0


def persist(record: Callable[[], None]) -> None:
    """Call `record`, which may be called again: a result is worth more tries than one.

    Raises the last OperationalError.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            record()
        except OperationalError as error:
            if not tries_left:
                raise
            _log.warning("record_failed", error=describe(error))
            time.sleep(_PAUSE_SECONDS)
        else:
            return

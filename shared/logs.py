"""Logs: one JSON object a line, ids only.

An exception is reduced to its type and place: its text may quote what it choked on.
"""

import logging
import sys
from pathlib import Path

import structlog

_ROOT = f"{Path(__file__).resolve().parents[1]}/"


def configure_logs(process: str) -> None:
    """Send structlog and the standard library's loggers to stderr; call once a process."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _reduce_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("epicrisis").setLevel(logging.INFO)
    structlog.contextvars.bind_contextvars(process=process)


def get_logger() -> structlog.stdlib.BoundLogger:
    """The one logger of Epicrisis."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("epicrisis")
    return logger


def describe(error: BaseException) -> str:
    """Type and place of an error, without its text: `KeyError at shared/text/words.py:41`.

    The place is the innermost one of ours; a database's error also has its SQLSTATE.
    """
    trace, where = error.__traceback__, ""
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path.startswith(_ROOT) and "site-packages" not in path:
            where = f" at {path.removeprefix(_ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return type(error).__name__ + (f" {state}" if state else "") + where


def _reduce_exception(
    _: object, __: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple) and info[1] is not None:
        info = info[1]
    if isinstance(info, BaseException):
        event["error"] = describe(info)
    record = event.get("_record")
    if record is not None:
        record.exc_info = record.exc_text = None
    return event

"""Errors → `application/problem+json` (RFC 9457). What a client sent is never quoted back."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared import errors
from shared.logs import describe, get_logger
from shared.registry.gate import GateNotPassed
from shared.schemas.base import Problem
from shared.storage import StorageUnavailable

_log = get_logger()
_STATUS: tuple[tuple[type[errors.EpicrisisError], int], ...] = (
    (errors.PayloadTooLarge, 413),
    (errors.UnsupportedFormat, 415),
    (errors.IdempotencyMismatch, 422),
    (errors.InvalidInput, 422),
    (errors.NotFound, 404),
    (errors.Gone, 410),
    (errors.TooManyRequests, 429),
    (errors.Conflict, 409),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (StorageUnavailable, 503),
)
_RETRY_SECONDS: dict[int | str, int] = {503: 2, "request_in_flight": 1}
"""By status, or by code where only one error of a status passes by itself."""
_OF_THE_SCHEMA = frozenset(
    (
        *("literal_error", "string_too_short", "string_too_long", "too_short", "too_long"),
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal"),
        "string_pattern_mismatch",
    )
)
"""Kinds of errors whose message says what is allowed, and nothing of the value."""
_SAID_BY_US = "value_error"
"""Of the validators in `shared/schemas`, whose messages are fixed."""
_HTTP_CODES = {413: errors.PayloadTooLarge.code}
"""Where Python's name of a status is not the same in every version."""


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(errors.EpicrisisError, _known)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(DataError, _not_storable)
    app.add_exception_handler(Exception, _unknown)


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    **more: str | int | dict[str, Any] | None,
) -> JSONResponse:
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=getattr(request.state, "request_id", ""),
        **more,
    )
    headers = {}
    if retry := _RETRY_SECONDS.get(status, _RETRY_SECONDS.get(code)):
        headers["Retry-After"] = str(retry)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.EpicrisisError)  # noqa: S101 - registered for it alone
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    answer = problem(
        request,
        status,
        error.error_code,
        error.detail,
        param=error.param,
        line=error.line,
        how_to_fix=error.how_to_fix,
        gate=error.gate.model_dump(mode="json") if isinstance(error, GateNotPassed) else None,
    )
    if isinstance(error, errors.TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


def _validation(request: Request, error: Exception) -> JSONResponse:
    """Which member is wrong and why, without its value."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    first = error.errors()[0]
    whole_body = first["loc"] == ("body",) and first["type"] != _SAID_BY_US
    if whole_body or first["type"] == "json_invalid":
        return problem(
            request,
            422,
            "invalid_request",
            "The body is no JSON object.",
            how_to_fix="Send a JSON object, with `Content-Type: application/json`.",
        )
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(
        request,
        422,
        "invalid_request",
        f"{where}: {_plain(first)}",
        param=where,
        how_to_fix="The OpenAPI document at /openapi.json says what is expected.",
    )


def _plain(error: dict[str, object]) -> str:
    """Pydantic's message, unless it could hold part of the value."""
    if error["type"] == _SAID_BY_US:
        return str(error["msg"]).partition("Value error, ")[2] or "not a value that can be kept"
    quotable = "ctx" not in error or error["type"] in _OF_THE_SCHEMA
    return str(error["msg"]) if quotable else f"not valid ({error['type']})"


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    phrase = HTTPStatus(error.status_code).phrase
    code = _HTTP_CODES.get(error.status_code, phrase.lower().replace(" ", "_"))
    return problem(request, error.status_code, code, f"{phrase}.")


def _database_away(request: Request, error: Exception) -> JSONResponse:
    _log.warning("database_unreachable", error=describe(error))
    return problem(
        request,
        503,
        "database_unavailable",
        "The database did not answer, so it is not known whether this was done.",
        how_to_fix="Repeat the request after the seconds in Retry-After.",
    )


def _not_storable(request: Request, error: Exception) -> JSONResponse:
    """A NUL in a query, a number past what a column holds."""
    _log.info("value_refused", error=describe(error))
    return problem(
        request,
        422,
        "invalid_value",
        "A value of the request is not one that any object could have.",
        how_to_fix="The OpenAPI document at /openapi.json says what is expected.",
    )


def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("request_failed", error=describe(error))
    return problem(
        request,
        500,
        "internal",
        "Something went wrong on our side.",
        how_to_fix="Give the operator this request_id.",
    )

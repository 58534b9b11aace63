"""Every error of the client. Each says one sentence, a code, and where it can, what to do next.

EpicrisisClientError
├── NoApiKey            nothing to show who asks
├── BadFile             a file that is not what it should be
├── ConnectionFailed    no answer: refused, timed out                    .request
│   └── BrokenOff       an answer that ended in its middle
├── UnreadableAnswer    an answer that is none of this API               .request .response
├── ApiError            the API said no              .problem .request .response .retry_after
│   ├── Unauthorized    401: no or bad key
│   ├── Forbidden       403: the key lacks the scope
│   ├── NotFound        404: not there, or another tenant's
│   ├── Conflict        409: the object's state does not allow it
│   ├── Gone            410: past its retention
│   ├── Invalid         400, 413, 415, 422: what was sent cannot be used
│   ├── RateLimited     429: too much at once
│   └── Unavailable     5xx: the server cannot answer now
└── BatchFailed         the work ended without one summary               .batches
"""

from collections.abc import Sequence
from typing import ClassVar

import httpx2
from pydantic import ValidationError

from services.client.retry import parse_retry_after
from shared.schemas.base import Problem
from shared.schemas.batches import BatchAnswer


class EpicrisisClientError(Exception):
    """`message` is for a person, `code` for a program, `how_to_fix` for whoever has to act."""

    default_code: ClassVar[str] = "client_error"
    default_fix: ClassVar[str | None] = None

    def __init__(
        self, message: str, *, code: str | None = None, how_to_fix: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.how_to_fix = how_to_fix or self.default_fix


class NoApiKey(EpicrisisClientError):
    default_code = "no_api_key"
    default_fix = (
        "Set EPICRISIS_API_KEY (an administrator makes one with `epicrisis keys create`), "
        "or start everything on this machine with `epicrisis up`, whose key is found by itself."
    )


class BadFile(EpicrisisClientError):
    default_code = "file"


class ConnectionFailed(EpicrisisClientError):
    default_code = "connection_failed"
    default_fix = "Is it running? Start it with `epicrisis up`, or set EPICRISIS_API_URL."

    def __init__(self, message: str, request: httpx2.Request) -> None:
        super().__init__(message)
        self.request = request


class BrokenOff(ConnectionFailed):
    default_fix = "Repeat the command: it goes on where it stopped."


class UnreadableAnswer(EpicrisisClientError):
    default_code = "unreadable_answer"
    default_fix = "Check that EPICRISIS_API_URL names an Epicrisis API of this version."

    def __init__(self, request: httpx2.Request, response: httpx2.Response) -> None:
        super().__init__(f"The answer to {request.method} {request.url.path} cannot be read.")
        self.request = request
        self.response = response


class ApiError(EpicrisisClientError):
    """The API refused; `problem` is its RFC 9457 answer."""

    default_code = "api_error"

    def __init__(
        self, problem: Problem, request: httpx2.Request, response: httpx2.Response
    ) -> None:
        super().__init__(problem.detail, code=problem.code, how_to_fix=problem.how_to_fix)
        self.problem = problem
        self.request = request
        self.response = response
        self.retry_after = parse_retry_after(response.headers.get("Retry-After"))
        """Seconds, or None when the server names none."""


class Unauthorized(ApiError):
    default_fix = "Check EPICRISIS_API_KEY: it may be mistyped, expired or revoked."


class Forbidden(ApiError):
    default_fix = "Ask an administrator for a key with this scope: `epicrisis keys create --scope`."


class NotFound(ApiError):
    default_fix = "Check the id, and that the key is of the tenant that owns it."


class Conflict(ApiError):
    pass


class Gone(ApiError):
    pass


class Invalid(ApiError):
    pass


class RateLimited(ApiError):
    default_fix = "Wait a moment and repeat the command."


class Unavailable(ApiError):
    default_fix = "Look at the server with `epicrisis doctor`, then repeat the command."


class BatchFailed(EpicrisisClientError):
    default_code = "batch_failed"
    default_fix = "The errors of the documents say why: `epicrisis results BATCH`."

    def __init__(self, batches: Sequence[BatchAnswer]) -> None:
        states = ", ".join(f"{batch.id} is {batch.status}" for batch in batches)
        some = any(batch.request_counts.completed for batch in batches)
        what = "Not every document was summarized" if some else "No document was summarized"
        super().__init__(f"{what}: {states}.")
        self.batches = list(batches)


_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: RateLimited,
}


def api_error(request: httpx2.Request, response: httpx2.Response) -> ApiError:
    """The error that a read response of 4xx or 5xx stands for, also one of a proxy's."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        problem = Problem(
            title=response.reason_phrase,
            status=response.status_code,
            detail=f"The server answered {response.status_code} {response.reason_phrase}.",
            code=f"http_{response.status_code}",
            request_id=response.headers.get("X-Request-Id", ""),
        )
    kind = _BY_STATUS.get(response.status_code)
    if kind is None:
        kind = Unavailable if response.is_server_error else ApiError
    return kind(problem, request, response)

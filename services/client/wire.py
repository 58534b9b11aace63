"""Requests that are repeated while it is safe and sensible, and answers turned into errors."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from services.client.errors import (
    ApiError,
    BrokenOff,
    ConnectionFailed,
    EpicrisisClientError,
    RateLimited,
    UnreadableAnswer,
    api_error,
)
from services.client.retry import Retry

Content = bytes | Path | Iterable[bytes]
"""A body. An iterable that is not itself an iterator can be sent again, and so can a file."""
Param = str | int | tuple[str, ...]
"""A value of the query; of several each stands under the name."""
AnswerType = TypeVar("AnswerType", bound=BaseModel)

_CHUNK_BYTES = 256 * 1024
_TRANSIENT = frozenset({429, 502, 503, 504})
_PASSING = (
    httpx2.NetworkError,
    httpx2.TimeoutException,
    httpx2.RemoteProtocolError,
    httpx2.ProxyError,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request before it is sent; `repeatable` if sending it twice does no harm."""

    method: str
    path: str
    repeatable: bool
    params: Mapping[str, Param] | None = None
    headers: Mapping[str, str] | None = None
    json: Any = None
    content: Content | None = None
    timeout: float | None = None
    """Seconds for the answer, where it may take longer than usual."""


class Wire:
    """Sends calls through one HTTP client."""

    def __init__(self, client: httpx2.Client, retry: Retry) -> None:
        self._client = client
        self.retry = retry
        self._answered = False

    def send(self, call: Call, *, stream: bool = False) -> httpx2.Response:
        """The successful response. Raises ApiError or ConnectionFailed."""
        waited = 0.0
        repeatable = call.repeatable and not isinstance(call.content, Iterator)
        attempt = 0
        while True:
            try:
                return self._send_once(call, stream=stream)
            except (ApiError, ConnectionFailed) as failure:
                pause = self._pause(failure, attempt, waited) if repeatable else None
                if pause is None:
                    raise
            self.retry.sleep(pause)
            waited += pause
            attempt += 1

    @contextmanager
    def lines(self, call: Call) -> Iterator[tuple[httpx2.Response, Iterator[bytes]]]:
        """A streamed answer and its whole lines, which raise BrokenOff."""
        response = self.send(call, stream=True)
        try:
            yield response, _whole_lines(response)
        finally:
            response.close()

    def get(
        self, path: str, answer: type[AnswerType], params: Mapping[str, Param] | None = None
    ) -> AnswerType:
        return read(self.send(Call("GET", path, repeatable=True, params=params)), answer)

    def post(
        self,
        path: str,
        answer: type[AnswerType],
        body: BaseModel | None = None,
        params: Mapping[str, Param] | None = None,
    ) -> AnswerType:
        """A POST that is sent once."""
        data = None if body is None else body.model_dump(mode="json", exclude_defaults=True)
        return read(
            self.send(Call("POST", path, repeatable=False, params=params, json=data)), answer
        )

    def _send_once(self, call: Call, *, stream: bool) -> httpx2.Response:
        request = self._client.build_request(
            call.method,
            call.path,
            params=call.params,
            headers=call.headers,
            json=call.json,
            content=_open(call.content),
            timeout=httpx2.USE_CLIENT_DEFAULT if call.timeout is None else call.timeout,
        )
        try:
            response = self._client.send(request, stream=stream)
            self._answered = True
            if response.is_success:
                return response
            response.read()
        except httpx2.TransportError as error:
            raise _connection_failed(error, request) from error
        raise api_error(request, response)

    def _pause(self, failure: EpicrisisClientError, attempt: int, waited: float) -> float | None:
        asked = None
        if isinstance(failure, ApiError):
            status = failure.response.status_code
            if status not in _TRANSIENT and failure.code != "request_in_flight":
                return None
            asked = failure.retry_after
        elif not isinstance(failure.__cause__, _PASSING):
            return None
        if isinstance(failure, RateLimited) and failure.code == "queue_full":
            total = self.retry.queue_full
        else:
            total = self.retry.total if self._answered else self.retry.first_contact
        return self.retry.pause(attempt, waited, asked, total)


def read(response: httpx2.Response, answer: type[AnswerType]) -> AnswerType:
    """The body as `answer`. Raises UnreadableAnswer."""
    return parse(response.content, answer, response)


def parse(data: bytes, answer: type[AnswerType], response: httpx2.Response) -> AnswerType:
    """A piece of `response` as `answer`. Raises UnreadableAnswer, which quotes nothing."""
    try:
        return answer.model_validate_json(data)
    except ValidationError:
        raise UnreadableAnswer(response.request, response) from None


def _whole_lines(response: httpx2.Response) -> Iterator[bytes]:
    """Split at line feeds only: the text of a record may hold the other line ends of Unicode."""
    rest = b""
    try:
        for chunk in response.iter_bytes():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
    except httpx2.TransportError as error:
        raise BrokenOff("The answer broke off in its middle.", response.request) from error
    if rest:
        raise BrokenOff("The answer ended in the middle of a line.", response.request)


def _open(content: Content | None) -> bytes | Iterable[bytes] | None:
    return _chunks(content) if isinstance(content, Path) else content


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _connection_failed(error: httpx2.TransportError, request: httpx2.Request) -> ConnectionFailed:
    if isinstance(error, httpx2.UnsupportedProtocol):
        return ConnectionFailed(
            "The address of the API does not begin with http:// or https://.", request
        )
    where = f"{request.url.scheme}://{request.url.netloc.decode()}"
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return ConnectionFailed(f"There is no API at {where}.", request)
    if isinstance(error, httpx2.TimeoutException):
        return ConnectionFailed(f"The API at {where} did not answer in time.", request)
    return ConnectionFailed(f"The connection to {where} broke off.", request)


def known(params: Mapping[str, Param | None]) -> dict[str, Param]:
    """Parameters without those that were not given."""
    return {name: value for name, value in params.items() if value is not None}

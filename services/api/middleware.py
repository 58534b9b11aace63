"""Around every request: an id, a log line of ids, a measure, private answers."""

import time
import uuid

import structlog
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.logs import get_logger

_log = get_logger()
REQUESTS = Histogram(
    "epicrisis_http_request_seconds", "Duration of requests", ["method", "route", "status"]
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_NOTHING = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""For answers that are data: all but the pages that show the OpenAPI document."""
_PAGES = frozenset({"/docs", "/redoc"})


class RequestContext:
    """Plain ASGI, so that bodies and answers stream through it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{uuid.uuid4().hex}"
        scope.setdefault("state", {})["request_id"] = request_id
        status, began = 500, time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(b"x-request-id", request_id.encode()), *_HEADERS]
                if scope["path"] not in _PAGES:
                    own.append(_NOTHING)
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            finally:
                route = getattr(scope.get("route"), "path", "none")
                seconds = time.perf_counter() - began
                # A method can be any word, and so a patient's name.
                method = scope["method"] if scope["method"] in _METHODS else "other"
                REQUESTS.labels(method, route, str(status)).observe(seconds)
                _log.info(
                    "request",
                    method=method,
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                )

"""A body larger than any of ours is refused before it is held in memory, whoever sends it.

FastAPI reads a JSON body to its end before it asks who is there, so without this anybody could fill
the memory of the process.
"""

import re
from http import HTTPStatus

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STREAMED = re.compile(r"/v1/(?:batches|datasets/[^/]+/versions)")
"""Read piece by piece, after authorization, with a limit of its own."""


class BodyLimit:
    """Plain ASGI; `most` in bytes."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _STREAMED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        taken = 0

        async def receive_no_more() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                # FastAPI makes a 400 of any other exception while it reads a body.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_no_more, send)

"""A small body of `application/x-www-form-urlencoded`, with each field once."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MAX_BYTES = 32 * 1024
_MAX_FIELDS = 16

Form = dict[str, str] | None


async def _read_form(request: Request) -> Form:
    """None for another media type, a body that is too large, or a field given twice."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            return None
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        return None
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None


FormDep = Annotated[Form, Depends(_read_form)]

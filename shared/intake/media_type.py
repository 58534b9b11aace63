"""Media types: `text/plain; charset=utf-8`."""

import re
from functools import lru_cache

_MAX_CHARACTERS = 256
_BOUNDARY = re.compile(r";\s*boundary=(?:\"([^\"]{1,70})\"|([^\s;,\"]{1,70}))", re.IGNORECASE)


def parse_media_type(value: str) -> tuple[str, str | None]:
    """(type in lower case, charset if named). What is no media type comes back as ("", None)."""
    return _parse(value) if len(value) <= _MAX_CHARACTERS else ("", None)


def parse_boundary(value: str) -> str | None:
    """Of `multipart/form-data; boundary=…`, if it is named (RFC 2046, section 5.1.1)."""
    match = _BOUNDARY.search(value[:_MAX_CHARACTERS])
    return (match[1] or match[2]) if match else None


@lru_cache(maxsize=256)
def _parse(value: str) -> tuple[str, str | None]:
    essence, *parameters = value.split(";")
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            return essence.strip().lower(), text.strip().strip("\"'") or None
    return essence.strip().lower(), None

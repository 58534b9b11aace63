"""Media types: `text/plain; charset=utf-8`."""

from functools import lru_cache

_MAX_CHARACTERS = 256


def parse_media_type(value: str) -> tuple[str, str | None]:
    """(type in lower case, charset if named). What is no media type comes back as ("", None)."""
    return _parse(value) if len(value) <= _MAX_CHARACTERS else ("", None)


@lru_cache(maxsize=256)
def _parse(value: str) -> tuple[str, str | None]:
    essence, *parameters = value.split(";")
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            return essence.strip().lower(), text.strip().strip("\"'") or None
    return essence.strip().lower(), None

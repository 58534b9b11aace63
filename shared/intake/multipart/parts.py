"""`multipart/form-data` (RFC 7578) cut into its parts as it comes, in constant memory."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from shared.errors import InvalidInput

if TYPE_CHECKING:  # at run time it has none
    from python_multipart.multipart import MultipartCallbacks

_SLICE_BYTES = 64 * 1024
_MAX_HEADERS = 16
_Event = tuple[str, bytes]

# It quotes what it cannot parse.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


@dataclass(slots=True)
class Part:
    """One part. `content` comes from the body itself: it must be read before the next part is."""

    headers: dict[bytes, str]
    """By name in lower case."""
    content: Iterator[bytes] = field(default_factory=lambda: iter(()))
    ended: bool = False
    """Whether the content has been read to its end."""
    size: int = 0
    """Bytes of the content read so far."""

    @property
    def is_field(self) -> bool:
        """Neither a file's name nor a type: `curl -F note_type=visit`."""
        return self.disposition(b"filename") is None and b"content-type" not in self.headers

    def disposition(self, name: bytes) -> bytes | None:
        """A parameter of Content-Disposition: `name` or `filename`."""
        _, parameters = parse_options_header(self.headers.get(b"content-disposition"))
        return parameters.get(name)


def split_parts(pieces: Iterable[bytes], boundary: str) -> Iterator[Part]:
    """The parts in order. What is left of a part's content is skipped.

    Raises InvalidInput `invalid_multipart` where the body is broken or cut short.
    """
    events = _events(pieces, boundary)
    name, value = bytearray(), bytearray()
    headers: dict[bytes, str] = {}
    for kind, data in events:
        if kind == "header_field":
            name += data
        elif kind == "header_value":
            value += data
        elif kind == "header_end":
            headers[bytes(name).strip().lower()] = value.decode("latin-1").strip()
            name.clear()
            value.clear()
        elif kind == "headers_finished":
            part = Part(headers)
            part.content = _content(events, part)
            yield part
            for _ in part.content:
                pass
            headers = {}


def _content(events: Iterator[_Event], part: Part) -> Iterator[bytes]:
    for kind, data in events:
        if kind == "part_end":
            part.ended = True
            return
        part.size += len(data)
        yield data


def _events(pieces: Iterable[bytes], boundary: str) -> Iterator[_Event]:
    seen: list[_Event] = []
    parser = _parser(boundary, seen)
    ended = False
    for piece in pieces:
        for start in range(0, len(piece), _SLICE_BYTES):
            try:
                parser.write(piece[start : start + _SLICE_BYTES])
            except FormParserError:
                raise invalid_multipart("The body is not valid multipart/form-data.") from None
            ended = ended or ("end", b"") in seen[-1:]
            yield from seen
            seen.clear()
    if not ended:
        raise invalid_multipart("The multipart body ends too early.")


def _parser(boundary: str, seen: list[_Event]) -> MultipartParser:
    def keep(kind: str, data: bytes, start: int, end: int) -> None:
        seen.append((kind, data[start:end]))

    callbacks: MultipartCallbacks = {
        "on_header_field": lambda data, start, end: keep("header_field", data, start, end),
        "on_header_value": lambda data, start, end: keep("header_value", data, start, end),
        "on_header_end": lambda: seen.append(("header_end", b"")),
        "on_headers_finished": lambda: seen.append(("headers_finished", b"")),
        "on_part_data": lambda data, start, end: keep("part_data", data, start, end),
        "on_part_end": lambda: seen.append(("part_end", b"")),
        "on_end": lambda: seen.append(("end", b"")),
    }
    try:
        return MultipartParser(boundary, callbacks, max_header_count=_MAX_HEADERS)
    except (FormParserError, UnicodeEncodeError):
        raise invalid_multipart("The boundary is not valid.") from None


def invalid_multipart(detail: str, *, param: str | None = None) -> InvalidInput:
    return InvalidInput(
        detail,
        code="invalid_multipart",
        param=param,
        how_to_fix="Let an HTTP library write the body: `curl -F note_type=… -F file=@note.xml`; "
        "form fields stand before the files.",
    )

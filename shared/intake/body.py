"""The bytes of a body: counted as sent, decompressed in constant memory."""

import zlib
from collections.abc import Iterable, Iterator

from shared.config import IntakeSettings
from shared.errors import InvalidInput, PayloadTooLarge, UnsupportedFormat

_INPUT_BYTES = 32 * 1024
_OUTPUT_BYTES = 256 * 1024
_FREE_BYTES = 16 * 2**20
"""A body that decompresses to less is never taken for a bomb."""
_GZIP_WBITS = 16 + zlib.MAX_WBITS


def open_body(
    chunks: Iterable[bytes], content_encoding: str | None, limits: IntakeSettings
) -> Iterator[bytes]:
    """The body, decompressed, as it comes. Raises UnsupportedFormat before a byte is pulled.

    The iterator raises PayloadTooLarge past `max_body_bytes` of the body as sent, and InvalidInput
    for gzip that is broken, cut short or swells past `max_gzip_ratio`.
    """
    received = _within(chunks, limits.max_body_bytes)
    match (content_encoding or "identity").strip().lower():
        case "identity":
            return received
        case "gzip" | "x-gzip":
            return gunzip(received, max_ratio=limits.max_gzip_ratio)
        case _:
            raise UnsupportedFormat(
                "This content encoding is not known.",
                code="unsupported_encoding",
                param="Content-Encoding",
                how_to_fix="Send the body plain, or with Content-Encoding: gzip.",
            )


def join(pieces: Iterable[bytes], max_bytes: int) -> bytes | None:
    """All of a body, or None once it is longer than `max_bytes`."""
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > max_bytes:
            return None
    return bytes(whole)


def gunzip(chunks: Iterable[bytes], *, max_ratio: int) -> Iterator[bytes]:
    """Decompress gzip of one or more members (RFC 1952), holding some 300 kB at most."""
    member: zlib._Decompress | None = None
    taken = given = 0
    any_ended = False
    for chunk in _slices(chunks):
        taken += len(chunk)
        waiting = chunk
        while True:
            if member is None:
                # Zero bytes may pad the space after a member, as tapes and Python's gzip have it.
                waiting = waiting.lstrip(b"\0") if any_ended else waiting
                if not waiting:
                    break
                member = zlib.decompressobj(_GZIP_WBITS)
            piece = _decompress(member, waiting)
            waiting = member.unused_data if member.eof else member.unconsumed_tail
            given += len(piece)
            _check_ratio(given, taken - len(waiting), max_ratio)
            if piece:
                yield piece
            if member.eof:
                member, any_ended = None, True
            elif not waiting:
                break
    if member is not None:
        raise _broken("The gzip body ends too early.")


def _within(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > max_bytes:
            raise PayloadTooLarge(
                f"The body is larger than {max_bytes} bytes.",
                how_to_fix="Split the documents over several batches; gzip makes the body smaller.",
            )
        yield chunk


def _slices(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Small ones: zlib hands back a copy of all that it has not used yet."""
    for chunk in chunks:
        for start in range(0, len(chunk), _INPUT_BYTES):
            yield chunk[start : start + _INPUT_BYTES]


def _decompress(member: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return member.decompress(data, _OUTPUT_BYTES)
    except zlib.error:
        raise _broken("The body is not valid gzip.") from None


def _check_ratio(given: int, taken: int, max_ratio: int) -> None:
    if given > _FREE_BYTES and given > max_ratio * taken:
        raise InvalidInput(
            f"The gzip body decompresses to more than {max_ratio} times its size.",
            code="gzip_ratio_exceeded",
            how_to_fix="Send the body plain, or in smaller batches.",
        )


def _broken(detail: str) -> InvalidInput:
    return InvalidInput(
        detail,
        code="broken_gzip",
        how_to_fix="Compress the body again and resend all of it; "
        "without gzip, leave Content-Encoding out.",
    )

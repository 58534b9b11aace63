import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from shared.config import IntakeSettings
from shared.errors import InvalidInput, PayloadTooLarge, UnsupportedFormat
from shared.intake.body import open_body
from shared.intake.records import Record

Read = Callable[..., list[Any]]

LINES = b'{"text":"a"}\n{"text":"b"}\n'
BOTH = [Record(1, "a"), Record(2, "b")]


def pieces(body: bytes, size: int) -> list[bytes]:
    return [body[i : i + size] for i in range(0, len(body), size)]


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_reads_as_plain(read: Read, size: int, encoding: str) -> None:
    assert read(pieces(gzip.compress(LINES), size), encoding=encoding) == BOTH


@pytest.mark.parametrize("size", [1, 10_000])
def test_gzip_may_have_members_and_padding(read: Read, size: int) -> None:
    body = gzip.compress(LINES[:20]) + gzip.compress(LINES[20:]) + b"\0" * 9
    assert read(pieces(body, size), encoding="gzip") == BOTH


@pytest.mark.parametrize("size", [100_000, 10_000_000])
def test_large_gzip_comes_out_whole(size: int) -> None:
    plain = bytes(range(256)) * 20_000
    body = pieces(gzip.compress(plain), size)
    assert b"".join(open_body(body, "gzip", IntakeSettings())) == plain


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        zlib.compress(LINES),
        gzip.compress(LINES)[:-1],
        gzip.compress(LINES)[:12],
        gzip.compress(LINES) + b"rest",
        gzip.compress(LINES)[:-8] + b"12345678",
    ],
)
def test_broken_gzip(read: Read, body: bytes) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(body, encoding="gzip")
    assert raised.value.error_code == "broken_gzip"
    assert raised.value.how_to_fix


def test_a_bomb_is_stopped_in_constant_memory(read: Read) -> None:
    compressor = zlib.compressobj(wbits=31)
    bomb = b"".join(compressor.compress(b" " * 2**20) for _ in range(200)) + compressor.flush()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput) as raised:
            read(bomb, encoding="gzip")
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()
    assert raised.value.error_code == "gzip_ratio_exceeded"


def test_a_small_body_may_be_squeezed_at_any_ratio() -> None:
    plain = b" " * 2**20
    body = open_body([gzip.compress(plain)], "gzip", IntakeSettings(max_gzip_ratio=2))
    assert b"".join(body) == plain


def test_the_limit_counts_the_body_as_sent(read: Read) -> None:
    body = gzip.compress(LINES * 10)
    assert len(read(body, encoding="gzip", max_body_bytes=len(body))) == 20
    with pytest.raises(PayloadTooLarge):
        read(body, encoding="gzip", max_body_bytes=len(body) - 1)
    with pytest.raises(PayloadTooLarge):
        read(LINES * 10, max_body_bytes=len(body))


def test_other_encodings_are_not_known() -> None:
    with pytest.raises(UnsupportedFormat) as raised:
        open_body([], "br", IntakeSettings())
    assert raised.value.error_code == "unsupported_encoding"

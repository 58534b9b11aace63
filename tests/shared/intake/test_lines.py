from collections.abc import Iterator

import pytest

from shared.intake.lines import split_lines


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_lines_do_not_depend_on_the_pieces(size: int) -> None:
    body = b"one\n\ntwo\nsixsix\nfive5\nlonger than\nend"
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    assert list(split_lines(pieces, 5)) == [
        (1, b"one"),
        (3, b"two"),
        (4, None),
        (5, b"five5"),
        (6, None),
        (7, b"end"),
    ]


def test_the_last_line_may_be_too_long() -> None:
    assert list(split_lines([b"a\nbbb", b"bbb"], 5)) == [(1, b"a"), (2, None)]


def test_a_line_comes_out_before_the_next_piece_is_pulled() -> None:
    pulled = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"a\nb", b"\n"):
            pulled.append(piece)
            yield piece

    lines = split_lines(pieces(), 10)
    assert next(lines) == (1, b"a")
    assert pulled == [b"a\nb"]

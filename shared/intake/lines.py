"""A body's physical lines, in constant memory."""

from collections.abc import Iterable, Iterator


def split_lines(pieces: Iterable[bytes], max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    r"""(number from 1, line without its \n) of each line, however the body was cut into pieces.

    Empty lines are counted and left out: a body may hold nothing else, millions of them. None
    stands for a line of more than `max_bytes`; it is skipped as it comes, never held.
    """
    number = 1
    held = bytearray()
    too_long = False
    for piece in pieces:
        first, *lines = piece.split(b"\n")
        too_long = too_long or len(held) + len(first) > max_bytes
        if too_long:
            held.clear()
        else:
            held += first
        if not lines:
            continue
        if too_long or held:
            yield number, None if too_long else bytes(held)
        *whole, last = lines
        for line in whole:
            number += 1
            if line:
                yield number, line if len(line) <= max_bytes else None
        number += 1
        too_long = len(last) > max_bytes
        held = bytearray() if too_long else bytearray(last)
    if too_long or held:
        yield number, None if too_long else bytes(held)

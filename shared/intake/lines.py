"""A body's physical lines, in constant memory."""

from collections.abc import Iterable, Iterator


def split_lines(pieces: Iterable[bytes], max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    r"""(number from 1, line without its \n) of each line, however the body was cut into pieces.

    None stands for a line of more than `max_bytes`; it is skipped as it comes, never held.
    """
    number = 1
    held = bytearray()
    too_long = False
    for piece in pieces:
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            if too_long or len(held) + end - start > max_bytes:
                yield number, None
            elif held:
                held += piece[start:end]
                yield number, bytes(held)
            else:
                yield number, piece[start:end]
            held.clear()
            too_long = False
            number += 1
            start = end + 1
        too_long = too_long or len(held) + len(piece) - start > max_bytes
        if too_long:
            held.clear()
        else:
            held += piece[start:]
    if too_long:
        yield number, None
    elif held:
        yield number, bytes(held)

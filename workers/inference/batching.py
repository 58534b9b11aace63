"""Which requests go through the model together: pure arithmetic over their lengths."""

from collections.abc import Sequence


def plan_batches(
    lengths: Sequence[int],
    token_budget: int,
    max_padding_ratio: float = 1.5,
    max_gap: int | None = None,
) -> list[list[int]]:
    """Indices into `lengths` (tokens), in batches of near length, shortest first.

    A batch holds at most `token_budget` tokens, counted as if all were as long as its longest, and
    at least one request however long. The budget alone does not bound the padding (a batch of 8,192
    tokens was once padded to 1.83 times that), so the longest is also at most `max_padding_ratio`
    times and, if given, `max_gap` tokens longer than the shortest. Requests of one length keep
    their order.
    """
    batches: list[list[int]] = []
    shortest = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[index]
        fits = (
            bool(batches)
            and length * (len(batches[-1]) + 1) <= token_budget
            and length <= shortest * max_padding_ratio
            and (max_gap is None or length - shortest <= max_gap)
        )
        if fits:
            batches[-1].append(index)
        else:
            batches.append([index])
            shortest = length
    return batches

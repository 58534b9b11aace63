"""Follow batches until their work is done."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from services.client.errors import BatchFailed
from services.client.http import Epicrisis
from shared.schemas.batches import FINAL_BATCH_STATUSES, BatchAnswer, RequestCounts

Ending = Literal["succeeded", "partly", "failed"]

_DEFAULT_SECONDS = 2.0
_SHORTEST_SECONDS = 0.2
_LONGEST_SECONDS = 30.0


def watch(
    client: Epicrisis,
    batch_ids: Sequence[str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[BatchAnswer]]:
    """The batches, in the given order, after each look, until all are in a final state.

    The server says how long to wait between looks. A batch that is done is not asked for again.
    """
    known: dict[str, BatchAnswer] = {}
    open_ids = list(batch_ids)
    while open_ids:
        wishes = []
        for batch_id in open_ids:
            known[batch_id], wish = client.poll(batch_id)
            wishes.append(_DEFAULT_SECONDS if wish is None else wish)
        yield [known[batch_id] for batch_id in batch_ids if batch_id in known]
        open_ids = [each for each in open_ids if known[each].status not in FINAL_BATCH_STATUSES]
        if open_ids:
            sleep(min(max(_SHORTEST_SECONDS, *wishes), _LONGEST_SECONDS))


def wait_until_done(client: Epicrisis, batch_ids: Sequence[str]) -> list[BatchAnswer]:
    """The batches in their final states. Raises BatchFailed if not one document has a summary."""
    batches: list[BatchAnswer] = []
    for batches in watch(client, batch_ids):  # noqa: B007 - the last look is what counts
        pass
    if ending(batches) == "failed":
        raise BatchFailed(batches)
    return batches


def total_counts(batches: Iterable[BatchAnswer]) -> RequestCounts:
    """The counts of all batches together."""
    counts = [batch.request_counts for batch in batches]
    sums = {
        name: sum(getattr(each, name) for each in counts) for name in RequestCounts.model_fields
    }
    return RequestCounts(**sums)


def done_count(counts: RequestCounts) -> int:
    """Documents in a final state."""
    return counts.total - counts.queued - counts.running


def ending(batches: Sequence[BatchAnswer]) -> Ending:
    """Of finished batches: all summarized, some, or none."""
    counts = total_counts(batches)
    if counts.completed == 0 or all(batch.status != "completed" for batch in batches):
        return "failed"
    if counts.completed < counts.total or any(batch.status != "completed" for batch in batches):
        return "partly"
    return "succeeded"

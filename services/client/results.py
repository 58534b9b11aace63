"""The results of a batch as a stream that survives a broken connection."""

from collections.abc import Iterator

from services.client.errors import BrokenOff
from services.client.wire import Call, Wire, parse
from shared.schemas.batches import ResultLine, ResultStatus


def stream_results(
    wire: Wire, batch_id: str, *, after: int, status: ResultStatus | None
) -> Iterator[ResultLine]:
    """Lines past `after` until the server has no more now.

    A page that breaks off is asked for again from the last `seq`; BrokenOff only when no line has
    come through within the pauses of `wire.retry`.
    """
    attempt, waited = 0, 0.0
    while True:
        came = 0
        try:
            for line in _page(wire, batch_id, after, status):
                came += 1
                after = line.seq
                yield line
        except BrokenOff:
            if came:
                attempt, waited = 0, 0.0
            pause = wire.retry.pause(attempt, waited, None, wire.retry.total)
            if pause is None:
                raise
            wire.retry.sleep(pause)
            attempt, waited = attempt + 1, waited + pause
        else:
            if not came:
                return


def _page(
    wire: Wire, batch_id: str, after: int, status: ResultStatus | None
) -> Iterator[ResultLine]:
    params: dict[str, str | int] = {"after": after}
    if status is not None:
        params["status"] = status
    call = Call("GET", f"/v1/batches/{batch_id}/results", repeatable=True, params=params)
    with wire.lines(call) as (response, lines):
        for line in lines:
            yield parse(line, ResultLine, response)

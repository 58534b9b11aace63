"""Results into a file, which only its owner may read; an interrupted download is continued."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import ValidationError
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from services.client.cli.output import err
from services.client.errors import EpicrisisClientError
from services.client.http import Epicrisis
from shared.schemas.batches import ResultLine, ResultStatus

_TAIL_BYTES = 64 * 1024
_BEGINNING = b'{"seq":'


class Download(NamedTuple):
    """`lines` written now; `last_seq` of the file as it is."""

    lines: int
    last_seq: int


def continue_results(
    client: Epicrisis, batch_id: str, path: Path, *, after: int = 0, status: ResultStatus | None
) -> Download:
    """Append what the file does not hold yet; a half-written last line is written again.

    Raises EpicrisisClientError if the file holds something else than this batch's results.
    """
    with _open_private(path, os.O_RDWR | os.O_CREAT) as file:
        last = _last_result(file)
        if last is not None:
            _check_same_batch(client, batch_id, last)
            after = max(after, last.seq)
        return _write(file, client.results(batch_id, after=after, status=status), after)


def write_results(client: Epicrisis, batch_ids: Sequence[str], path: Path) -> None:
    """The results of all batches into a new file, in place of an older one once it is whole."""
    part = path.with_name(path.name + ".part")
    with _open_private(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
        for batch_id in batch_ids:
            _write(file, client.results(batch_id), 0)
    part.replace(path)


def _open_private(path: Path, flags: int) -> BinaryIO:
    return os.fdopen(os.open(path, flags, 0o600), "r+b" if flags & os.O_RDWR else "wb")


def _write(file: BinaryIO, lines: Iterable[ResultLine], last_seq: int) -> Download:
    count = 0
    columns = SpinnerColumn(), TextColumn("Results"), MofNCompleteColumn()
    quiet = not err.is_terminal
    with Progress(*columns, console=err, transient=True, disable=quiet) as progress:
        task = progress.add_task("", total=None)
        for line in lines:
            file.write(line.model_dump_json().encode() + b"\n")
            count, last_seq = count + 1, line.seq
            progress.update(task, completed=count)
    return Download(count, last_seq)


def _last_result(file: BinaryIO) -> ResultLine | None:
    """The last whole line, with the file cut and positioned behind it; None for an empty file."""
    end = file.seek(0, os.SEEK_END)
    size, tail = _TAIL_BYTES, b""
    while tail.count(b"\n") < 2 and len(tail) < end:  # noqa: PLR2004 - a whole line lies between two
        file.seek(max(0, end - size))
        tail = file.read()
        size *= 4
    whole, _, rest = tail.rpartition(b"\n")
    if not whole and not rest.startswith(_BEGINNING[: len(rest)]):
        raise _other_content()
    try:
        last = ResultLine.model_validate_json(whole.rpartition(b"\n")[2]) if whole else None
    except ValidationError:
        raise _other_content() from None
    file.truncate(end - len(rest))
    file.seek(0, os.SEEK_END)
    return last


def _check_same_batch(client: Epicrisis, batch_id: str, last: ResultLine) -> None:
    """Numbers begin at 1 in every batch, so what tells batches apart is the document at a number.

    A retried document leaves its number; then the next one up answers, which proves nothing.
    """
    known = next(client.results(batch_id, after=last.seq - 1), None)
    if known is None or (known.seq == last.seq and known.document_id != last.document_id):
        raise _other_content()


def _other_content() -> EpicrisisClientError:
    return EpicrisisClientError(
        "The output file holds something else than results of this batch.",
        code="other_results",
        how_to_fix="Name another file with -o.",
    )

"""What is asked of the API about datasets: upload, derive, look at, delete."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from services.client.errors import BrokenOff, ConnectionFailed, EpicrisisClientError
from services.client.example_files import Examples
from services.client.wire import Call, Wire, known, parse, read
from shared.schemas.base import Page
from shared.schemas.datasets import (
    DatasetAnswer,
    DatasetVersionAnswer,
    DecisionLine,
    DeriveRequest,
    PermittedUse,
    Split,
)

_PAGE = 100
_UPLOAD_SECONDS = 900.0
"""A Parquet file is read only once all of it is there."""
_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 3.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a version says of its rows, where they say nothing themselves; None: as the server."""

    note_type: str | None = None
    origin: str | None = None
    licence: str | None = None
    permitted_use: PermittedUse | None = None
    holds_patient_data: bool | None = None
    split: Split | None = None
    allow_leakage: bool | None = None
    source_column: tuple[str, ...] | None = None
    """Several are joined by an empty line, in this order."""
    target_column: str | None = None
    group_column: str | None = None


class UploadInDoubt(ConnectionFailed):
    """The connection ended before the answer: the version may be there, or may not."""

    default_code = "upload_in_doubt"
    default_fix = (
        "It was not sent again, as it might become two versions: `epicrisis datasets show NAME` "
        "says whether it arrived."
    )


class Datasets:
    """The part of `Epicrisis` that wants the scopes `datasets:read` and `datasets:write`."""

    _wire: Wire

    def add_dataset(
        self, name: str, examples: Examples, provenance: Provenance | None = None
    ) -> DatasetVersionAnswer:
        """Upload rows as a new version, which is then curated.

        Sent once: repeated it would be another version. Raises UploadInDoubt when the connection
        ends without an answer.
        """
        given = asdict(provenance or Provenance())
        given["split"] = given["split"] or examples.split
        given |= {name: str(one).lower() for name, one in given.items() if isinstance(one, bool)}
        headers = {"Content-Type": examples.content_type}
        if examples.encoding is not None:
            headers["Content-Encoding"] = examples.encoding
        call = Call(
            "POST",
            f"{_path(name)}/versions",
            repeatable=False,
            params=known(given),
            headers=headers,
            content=examples.content,
            timeout=_UPLOAD_SECONDS,
        )
        try:
            return read(self._wire.send(call), DatasetVersionAnswer)
        except ConnectionFailed as error:
            if isinstance(error.__cause__, httpx2.ConnectError | httpx2.UnsupportedProtocol):
                raise
            raise UploadInDoubt(error.message, error.request) from error

    def derive_dataset(self, name: str, request: DeriveRequest) -> DatasetVersionAnswer:
        """A new version of `name` from an earlier version, or from reviewed summaries."""
        body = request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        call = Call("POST", f"{_path(name)}/versions", repeatable=False, json=body)
        return read(self._wire.send(call), DatasetVersionAnswer)

    def datasets(self) -> Iterator[DatasetAnswer]:
        """By name, each with its newest version."""
        return self._pages("/v1/datasets", Page[DatasetAnswer], lambda one: one.name)

    def dataset_versions(self, name: str) -> Iterator[DatasetVersionAnswer]:
        """Newest first."""
        path = f"{_path(name)}/versions"
        return self._pages(path, Page[DatasetVersionAnswer], lambda one: one.number)

    def dataset_version(self, name: str, number: int | None = None) -> DatasetVersionAnswer:
        """Without a number the newest. Its report is in it once it is ready."""
        if number is None:
            newest = next(self.dataset_versions(name), None)
            if newest is None:
                raise EpicrisisClientError(
                    "All versions of this dataset were deleted.", code="not_found"
                )
            number = newest.number
        return self._wire.get(_version(name, number), DatasetVersionAnswer)

    def watch_dataset(
        self, name: str, number: int, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[DatasetVersionAnswer]:
        """The version after each look, until it is ready or has failed."""
        pause = _FIRST_PAUSE
        while True:
            version = self.dataset_version(name, number)
            yield version
            if version.status in ("ready", "failed"):
                return
            sleep(pause)
            pause = min(1.5 * pause, _LONGEST_PAUSE)

    def dataset_page(self, name: str, number: int) -> bytes:
        """The report as HTML, which quotes rows."""
        call = Call("GET", f"{_version(name, number)}/report", repeatable=True)
        return bytes(self._wire.send(call).content)

    def dataset_decisions(
        self, name: str, number: int, *, after: int = 0
    ) -> Iterator[DecisionLine]:
        """What became of each row past `after`; a broken connection is resumed."""
        while True:
            came = False
            try:
                for one in self._decisions(name, number, after):
                    came, after = True, one.line
                    yield one
            except BrokenOff:
                if not came:
                    raise
            else:
                return

    def delete_dataset_version(self, name: str, number: int) -> None:
        """Delete its rows; the number is never given again."""
        self._wire.send(Call("DELETE", _version(name, number), repeatable=False))

    def _decisions(self, name: str, number: int, after: int) -> Iterator[DecisionLine]:
        path = f"{_version(name, number)}/decisions"
        call = Call("GET", path, repeatable=True, params={"after": after})
        with self._wire.lines(call) as (response, lines):
            for line in lines:
                yield parse(line, DecisionLine, response)

    def _pages(
        self, path: str, page_type: type[Page[Any]], cursor: Callable[[Any], str | int]
    ) -> Iterator[Any]:
        after: str | int | None = None
        while True:
            page = self._wire.get(path, page_type, known({"limit": _PAGE, "after": after}))
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = cursor(page.data[-1])


def _path(name: str) -> str:
    return f"/v1/datasets/{quote(name, safe='')}"


def _version(name: str, number: int) -> str:
    return f"{_path(name)}/versions/{number}"

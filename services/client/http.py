"""The Python client.

    with Epicrisis() as client:
        batch = client.submit(Path("notes.ndjson"), "application/x-ndjson")
        [batch] = wait_until_done(client, [batch.id])
        for line in client.results(batch.id):
            print(line.custom_id, line.summary and line.summary.text)

Every method raises `ConnectionFailed` without an answer and an `ApiError` for a refusal; the tree
is drawn in `services/client/errors.py`. What can be repeated without harm is repeated.
"""

import hashlib
import hmac
from collections.abc import Iterator
from importlib.metadata import version
from types import TracebackType
from typing import Annotated, Literal, NamedTuple, Self
from uuid import uuid4

import httpx2
from pydantic import Field, RootModel

from services.client.administration import Administration
from services.client.datasets import Datasets
from services.client.errors import NoApiKey, UnreadableAnswer
from services.client.evaluations import Evaluations
from services.client.models import Models
from services.client.prompts import Prompts
from services.client.results import stream_results
from services.client.retry import Retry, parse_retry_after
from services.client.reviews import Reviews
from services.client.training import Training
from services.client.wire import Call, Content, Wire, known, read
from shared.config import ClientSettings
from shared.schemas.base import Page
from shared.schemas.batches import (
    BatchAnswer,
    BatchList,
    BatchParameters,
    Limits,
    ResultLine,
    ResultStatus,
)
from shared.schemas.note_types import NoteTypeAnswer, NoteTypeRequest
from shared.schemas.retention import Deletion
from shared.schemas.summaries import PendingSummary, Route, SummaryAnswer, SummaryRequest

_CONNECT_SECONDS = 10.0
_PAGE = 100
# A proxy of the environment must not see what is meant for this machine.
_LOOPBACK: dict[str, httpx2.BaseTransport | None] = {
    "all://127.0.0.1": None,
    "all://localhost": None,
    "all://[::1]": None,
}


class _SummaryOrPending(
    RootModel[Annotated[SummaryAnswer | PendingSummary, Field(discriminator="status")]]
):
    pass


class Polled(NamedTuple):
    """A batch, and after how many seconds the server wants to be asked again (None: when done)."""

    batch: BatchAnswer
    retry_after: float | None


class Epicrisis(Administration, Datasets, Evaluations, Models, Prompts, Reviews, Training):
    """One API and one key; EPICRISIS_API_URL and EPICRISIS_API_KEY unless given.

    `timeout` is in seconds for one answer; `transport` replaces the network in tests.
    """

    def __init__(
        self,
        api_url: str | None = None,
        api_key: str | None = None,
        *,
        transport: httpx2.BaseTransport | None = None,
        timeout: float | None = None,
        retry: Retry | None = None,
    ) -> None:
        settings = ClientSettings()
        if api_key is None and settings.api_key is not None:
            api_key = settings.api_key.get_secret_value()
        self.api_url = (api_url or settings.api_url).rstrip("/")
        self._api_key = (api_key or "").strip()
        self._timeout = timeout or settings.request_timeout_seconds
        headers = {"User-Agent": f"epicrisis/{version('epicrisis')}"}
        if self._api_key:
            headers["Authorization"] = f"Bearer {self._api_key}"
        self._http = httpx2.Client(
            base_url=self.api_url,
            headers=headers,
            transport=transport,
            timeout=httpx2.Timeout(self._timeout, connect=_CONNECT_SECONDS),
            mounts=_LOOPBACK,
        )
        self._wire = Wire(self._http, retry or Retry())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    @property
    def secret(self) -> bytes:
        """32 bytes known to holders of the API key only, to key digests of patient text with."""
        if not self._api_key:
            raise NoApiKey("There is no API key.")
        return hmac.digest(self._api_key.encode(), b"epicrisis idempotency", hashlib.sha256)

    # Batches

    def limits(self) -> Limits:
        return self._wire.get("/v1/limits", Limits)

    def submit(
        self,
        content: Content,
        content_type: str,
        *,
        encoding: Literal["gzip"] | None = None,
        idempotency_key: str | None = None,
        parameters: BatchParameters | None = None,
    ) -> BatchAnswer:
        """Submit one body, which has to be within the server's limits.

        The same `idempotency_key` with the same records and parameters gives the same batch;
        without one a random key makes at least the repeats of this call safe. Metadata of a batch
        goes into a JSON body, not into `parameters`.
        """
        parameters = parameters or BatchParameters()
        if parameters.metadata:
            raise ValueError("Metadata goes into a body of application/json, not into the query.")
        headers = {
            "Content-Type": content_type,
            "Idempotency-Key": idempotency_key or str(uuid4()),
        }
        if encoding is not None:
            headers["Content-Encoding"] = encoding
        call = Call(
            "POST",
            "/v1/batches",
            repeatable=True,
            params=parameters.model_dump(exclude_defaults=True),
            headers=headers,
            content=content,
        )
        return read(self._wire.send(call), BatchAnswer)

    def batch(self, batch_id: str) -> BatchAnswer:
        return self.poll(batch_id).batch

    def poll(self, batch_id: str) -> Polled:
        response = self._wire.send(Call("GET", f"/v1/batches/{batch_id}", repeatable=True))
        wish = parse_retry_after(response.headers.get("Retry-After"))
        return Polled(read(response, BatchAnswer), wish)

    def batches(
        self, *, group: str | None = None, limit: int = _PAGE, after: str | None = None
    ) -> BatchList:
        """A page of batches; of a group also the sums over all of it."""
        params = known({"group": group, "limit": limit, "after": after})
        return self._wire.get("/v1/batches", BatchList, params)

    def cancel(self, batch_id: str) -> BatchAnswer:
        return self._wire.post(f"/v1/batches/{batch_id}/cancel", BatchAnswer)

    def delete(self, batch_id: str, *, force: bool = False) -> Deletion:
        """Delete a batch with all its texts and summaries; a running one only with `force`."""
        call = Call(
            "DELETE",
            f"/v1/batches/{batch_id}",
            repeatable=False,
            params={"force": "true"} if force else None,
        )
        return read(self._wire.send(call), Deletion)

    def retry(self, batch_id: str, *, include_quarantined: bool = False) -> BatchAnswer:
        """Queue the failed documents again; quarantined ones (three deaths) only when included."""
        params = {"include": "quarantined"} if include_quarantined else None
        return self._wire.post(f"/v1/batches/{batch_id}/retry", BatchAnswer, params=params)

    def results(
        self, batch_id: str, *, after: int = 0, status: ResultStatus | None = None
    ) -> Iterator[ResultLine]:
        """The results recorded by now, in the order of `seq`, beginning past `after`.

        A broken connection is resumed at the last `seq`. A retried document reappears with a
        higher `seq`; the last line of a document holds.
        """
        return stream_results(self._wire, batch_id, after=after, status=status)

    def summarize(  # noqa: PLR0913 - the members of one request
        self,
        text: str,
        *,
        note_type: str | None = None,
        custom_id: str | None = None,
        fallback: Literal["any", "prompt", "none"] = "any",
        route: Route | None = None,
        model_version: str | None = None,
        prompt_version: str | None = None,
        metadata: dict[str, str] | None = None,
        wait: int = 10,
    ) -> SummaryAnswer | PendingSummary:
        """Summarize one document, waiting up to `wait` seconds for it."""
        body = SummaryRequest(
            text=text,
            note_type=note_type,
            custom_id=custom_id,
            fallback=fallback,
            route=route,
            model_version=model_version,
            prompt_version=prompt_version,
            metadata=metadata or {},
        )
        call = Call(
            "POST",
            "/v1/summaries",
            repeatable=False,
            headers={"Prefer": f"wait={wait}"},
            json=body.model_dump(mode="json", exclude_defaults=True),
            timeout=self._timeout + wait,
        )
        return read(self._wire.send(call), _SummaryOrPending).root

    def summary(self, summary_id: str) -> SummaryAnswer:
        return self._wire.get(f"/v1/summaries/{summary_id}", SummaryAnswer)

    def document_text(self, document_id: str) -> str:
        """The text that the evidence's `start` and `end` count code points in."""
        response = self._wire.send(
            Call("GET", f"/v1/documents/{document_id}/text", repeatable=True)
        )
        try:
            return response.content.decode()
        except UnicodeDecodeError:
            raise UnreadableAnswer(response.request, response) from None

    # Note types

    def note_types(self) -> list[NoteTypeAnswer]:
        """Those shipped, then the tenant's own."""
        page: Page[NoteTypeAnswer] = self._wire.get("/v1/note-types", Page[NoteTypeAnswer])
        return page.data

    def note_type(self, name: str) -> NoteTypeAnswer:
        return self._wire.get(f"/v1/note-types/{name}", NoteTypeAnswer)

    def set_note_type(self, name: str, request: NoteTypeRequest) -> NoteTypeAnswer:
        """Set those members of `request` that were given."""
        body = request.model_dump(mode="json", exclude_unset=True)
        call = Call("PUT", f"/v1/note-types/{name}", repeatable=True, json=body)
        return read(self._wire.send(call), NoteTypeAnswer)

    def delete_note_type(self, name: str) -> None:
        """A shipped one is as it was shipped again."""
        self._wire.send(Call("DELETE", f"/v1/note-types/{name}", repeatable=False))

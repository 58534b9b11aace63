"""What is asked of the API about model versions; what changes them is in `registry.py`."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2

from services.client.archive import unpack
from services.client.errors import BrokenOff
from services.client.registry import Registry, pages
from services.client.wire import Call, Wire
from shared.schemas.base import Page
from shared.schemas.registry import ArchiveManifest, ModelAnswer, ModelVersionAnswer


class Models:
    """The part of `Epicrisis` that wants the scopes `models:read` and `models:promote`."""

    _wire: Wire

    def models(self) -> Iterator[ModelAnswer]:
        """Every note type with what serves it."""
        return pages(self._wire, "/v1/models", Page[ModelAnswer], lambda one: one.note_type)

    def model_versions(self, note_type: str) -> Iterator[ModelVersionAnswer]:
        """Newest first, without their cards."""
        path = f"/v1/models/{quote(note_type, safe='')}/versions"
        return pages(self._wire, path, Page[ModelVersionAnswer], lambda one: one.number)

    def model_version(self, note_type: str, number: int) -> ModelVersionAnswer:
        """With its model card."""
        return self._wire.get(_version(note_type, number), ModelVersionAnswer)

    @property
    def model_registry(self) -> Registry:
        """What serves, and how that changes."""
        return Registry(self._wire, "models")

    def export_model(self, note_type: str, number: int, folder: Path) -> ArchiveManifest:
        """Its files in Hugging Face layout; `folder` is empty or not there yet.

        Every file is checked. Raises ArchiveDamaged, BrokenOff.
        """
        call = Call("GET", f"{_version(note_type, number)}/archive", repeatable=True)
        response = self._wire.send(call, stream=True)
        try:
            return unpack(_chunks(response), folder)
        finally:
            response.close()


def _chunks(response: httpx2.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx2.TransportError as error:
        raise BrokenOff("The archive broke off in its middle.", response.request) from error


def _version(note_type: str, number: int) -> str:
    return f"/v1/models/{quote(note_type, safe='')}/versions/{number}"

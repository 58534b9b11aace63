"""The Binary resources of a body, which other resources of it point at.

A reference is looked up in the Bundle that it stands in, then in the whole body. Memory holds a few
digests for each Binary, and nothing of it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.config import IntakeSettings
from shared.errors import InvalidRecord, PayloadTooLarge
from shared.intake.fhir.references import is_absolute, relative, unversioned
from shared.intake.members import Members
from shared.sealed_file import SealedFile, Slot

_MAX_SIZE = 4
"""Times `max_body_bytes`, for all that lies on disk; also what references may take out of it."""
_FREE_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Binary:
    """A Binary that has been put away. `has_base`: its server is known, so that no other's does."""

    content_type: str | None
    data: Slot
    has_base: bool


class Binaries:
    """What waits for the end of a body: its Binary resources, and the resources in want of one."""

    def __init__(self, limits: IntakeSettings) -> None:
        self._max_count = limits.max_documents
        self._file = SealedFile(_MAX_SIZE * limits.max_body_bytes)
        self._index: dict[bytes, Binary | None] = {}
        """Digest of (bundle, name) → the Binary; None where two differ."""
        self._waiting: list[Slot] = []
        self._count = self._bundles = self._stored = self._taken = 0

    def open_bundle(self) -> int:
        """A number for a Bundle, to tell its Binaries from others of the same name."""
        self._bundles += 1
        return self._bundles

    def add(self, resource: Members, full_url: object, bundle: int | None) -> None:
        """Put a Binary away. One without a name is let go: nothing can point at it."""
        names = _names(resource.get("id"), full_url)
        if not names:
            return
        self._count += 1
        self._check_count(self._count)
        data = json.dumps(resource.get("data")).encode()
        content_type = resource.get("contentType")
        binary = Binary(
            content_type if isinstance(content_type, str) else None,
            self._file.append(data),
            any(map(is_absolute, names)),
        )
        self._stored += len(data)
        for scope in {bundle, None}:
            for name in names:
                self._enter(_digest(scope, name), binary, data)

    def find(self, url: str, bundle: int | None, *, everywhere: bool) -> Binary | None:
        """The Binary that `url` means: in the Bundle it stands in, or else in the whole body.

        `everywhere` only once the body has ended: before, another of the same name may still come.
        Raises InvalidRecord `ambiguous_reference`.
        """
        found = None if bundle is None else self._find(url, bundle)
        return self._find(url, None) if found is None and everywhere else found

    def data(self, binary: Binary) -> Any:  # noqa: ANN401 - any JSON value
        """Its member `data`. Raises PayloadTooLarge where a few are taken out over and over."""
        self._taken += binary.data.length
        if self._taken > _FREE_BYTES + _MAX_SIZE * self._stored:
            raise PayloadTooLarge(
                "Too many documents of this body point at the same large Binary.",
                how_to_fix="Let each document have a Binary of its own.",
            )
        return json.loads(self._file.read(binary.data))

    def wait(self, item: Members) -> None:
        """Keep what can be read only when the body has been read to its end."""
        self._check_count(len(self._waiting) + 1)
        self._waiting.append(self._file.append(json.dumps(item).encode()))

    def waiting(self) -> Iterator[Members]:
        """All that was kept, in order; each comes out once."""
        slots, self._waiting = self._waiting, []
        for slot in slots:
            yield json.loads(self._file.read(slot))

    def close(self) -> None:
        self._file.close()

    def _find(self, url: str, bundle: int | None) -> Binary | None:
        exact = unversioned(url)
        for name in filter(None, (exact, relative(url))):
            digest = _digest(bundle, name)
            if digest not in self._index:
                continue
            binary = self._index[digest]
            if binary is None:
                raise _ambiguous()
            if name == exact or not (is_absolute(url) and binary.has_base):
                return binary
        return None

    def _enter(self, digest: bytes, binary: Binary, data: bytes) -> None:
        if digest not in self._index:
            self._index[digest] = binary
            return
        earlier = self._index[digest]
        if earlier is not None and self._file.read(earlier.data) != data:
            self._index[digest] = None

    def _check_count(self, count: int) -> None:
        if count > self._max_count:
            raise PayloadTooLarge(
                f"A batch may hold {self._max_count} documents, and as many Binary resources.",
                code="too_many_documents",
                how_to_fix="Split the documents over several batches; `group` ties them together.",
            )


def _names(identifier: object, full_url: object) -> set[str]:
    """What references to a Binary may say."""
    names = set()
    if isinstance(full_url, str) and full_url:
        names |= {unversioned(full_url), relative(full_url)}
    if isinstance(identifier, str) and identifier:
        names.add(f"Binary/{identifier}")
    return {name for name in names if name is not None}


def _digest(bundle: int | None, name: str) -> bytes:
    said = f"{bundle}|{name}".encode(errors="surrogatepass")
    return hashlib.blake2b(said, digest_size=16).digest()


def _ambiguous() -> InvalidRecord:
    return InvalidRecord(
        "The attachment points at a Binary that the body holds twice, with different content.",
        code="ambiguous_reference",
        param="attachment.url",
        how_to_fix="Send each Binary once, or each document in a Bundle with its own Binary.",
    )

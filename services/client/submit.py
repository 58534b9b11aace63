"""Submit files of any number and size; repeating the same submission continues it.

Each part's Idempotency-Key is the HMAC-SHA-256, under a secret derived from the API key, of the
parameters and the part's content: a part that is there already answers with its batch, a changed
one becomes a new batch. It is never a plain digest, which could be guessed for a patient's text.
A part whose batch was cancelled or has expired is submitted anew, under a key made of that batch.

The parts of a submission share a group. Unless it is named, it stands for the command: an HMAC of
the given paths and the parameters (for standard input, of its first part). So a repeat has the same
group, also after a file was added to the folder.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.client.cutting import Cutter
from services.client.errors import Invalid
from services.client.http import Epicrisis
from services.client.input_files import Skipped
from services.client.parts import Bounds, Part
from shared.schemas.batches import BatchAnswer, BatchParameters

_GROUP_DIGITS = 16
_ENDED_EARLY = frozenset({"cancelling", "cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """A part that is a batch now, or was one already."""

    label: str
    batch: BatchAnswer


@dataclass(frozen=True, slots=True)
class Refused:
    """A part that the server could not use as a whole; the others go on."""

    label: str
    error: Invalid


Submitted = Accepted | Refused | Skipped


def submit_paths(
    client: Epicrisis, paths: Sequence[Path], parameters: BatchParameters
) -> Iterator[Submitted]:
    """Submit files and folders, part by part.

    Raises NoApiKey, ConnectionFailed and every ApiError but Invalid; what was accepted stays.
    """
    cutter = Cutter(client.secret, Bounds.within(client.limits()))
    label = json.dumps([str(path.resolve()) for path in paths])
    parameters = _grouped(parameters, label.encode(), client.secret)
    for part in cutter.paths(paths):
        yield part if isinstance(part, Skipped) else _submit(client, part, parameters)


def submit_stream(
    client: Epicrisis, stream: BinaryIO, parameters: BatchParameters
) -> Iterator[Submitted]:
    """Submit what can be read once, such as standard input."""
    cutter = Cutter(client.secret, Bounds.within(client.limits()))
    for part in cutter.standard_input(stream):
        if isinstance(part, Skipped):
            yield part
        else:
            parameters = _grouped(parameters, part.digest, client.secret)
            yield _submit(client, part, parameters)


def part_key(part: Part, parameters: BatchParameters, secret: bytes) -> str:
    """The Idempotency-Key of a part: 64 hexadecimal digits."""
    return hmac.digest(secret, _canonical(parameters) + part.digest, hashlib.sha256).hex()


def _submit(client: Epicrisis, part: Part, parameters: BatchParameters) -> Accepted | Refused:
    key = part_key(part, parameters, client.secret)
    earlier = None
    while True:
        try:
            batch = client.submit(
                part.content,
                part.content_type,
                encoding=part.encoding,
                idempotency_key=key,
                parameters=parameters,
            )
        except Invalid as error:
            return Refused(part.label, error)
        if batch.status not in _ENDED_EARLY or batch.id == earlier:
            return Accepted(part.label, batch)
        earlier = batch.id
        key = hmac.digest(client.secret, f"{key} after {earlier}".encode(), hashlib.sha256).hex()


def _grouped(parameters: BatchParameters, label: bytes, secret: bytes) -> BatchParameters:
    if parameters.group is not None:
        return parameters
    digest = hmac.digest(secret, _canonical(parameters) + label, hashlib.sha256).hex()
    return parameters.model_copy(update={"group": f"submit-{digest[:_GROUP_DIGITS]}"})


def _canonical(parameters: BatchParameters) -> bytes:
    return json.dumps(parameters.model_dump(), sort_keys=True).encode() + b"\0"

"""`multipart/form-data`: several files in one body, each read as its own media type says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from shared.errors import InvalidInput, InvalidRecord
from shared.extraction.media_types import EXTRACTABLE
from shared.intake.body import join
from shared.intake.markup import as_utf8
from shared.intake.multipart.files import File, file_name, open_file
from shared.intake.multipart.parts import Part, invalid_multipart, split_parts
from shared.intake.reading import Reader, Reading
from shared.intake.records import Attachment, Outcome, Record, Rejected, rejected, too_large
from shared.schemas.batches import BatchParameters

FIELDS = tuple(name for name in BatchParameters.model_fields if name != "metadata")
"""Names of the form fields that may stand before the files."""
_MAX_FIELD_BYTES = 2048
_OF_LINES = frozenset(
    (
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/fhir+ndjson",
        "application/json",
    )
)
"""Formats of many records, whose lines count from the beginning of their own file."""
_FHIR = "application/fhir+json"
_WAITING = frozenset((_FHIR, "application/fhir+ndjson"))
"""Formats that may give nothing before the whole body has been read: what a file of them points at
may stand in a later one."""
_NAMED = frozenset(
    ("text/plain", "application/xml", "text/xml", "application/hl7-cda+xml", *EXTRACTABLE)
)
"""Formats of one document each, so that the file's name can be its custom id."""


def multipart_reader(readers: Mapping[str, Reader]) -> Reader:
    """A reader that hands each file on to the reader of its media type.

    Form fields of the names in `FIELDS` become parameters. A record's line is the position of its
    file from 1, but for NDJSON and `{"documents": […]}` where it counts within the file. The reader
    raises InvalidInput `invalid_multipart`; what is wrong with one file alone is a rejected record.
    """
    every = dict.fromkeys(EXTRACTABLE, _read_attachment) | dict(readers)

    def read_multipart(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
        first = next(filter(None, pieces), None)
        if first is None:
            return
        if not reading.boundary:
            raise invalid_multipart("Content-Type names no boundary.", param="Content-Type")
        names = _Names()
        position = 0
        for part in split_parts(chain((first,), pieces), reading.boundary):
            if part.is_field:
                _add_field(part, reading, may_follow=not position)
            else:
                position += 1
                own = replace(reading, file_position=position, parameters={})
                for file, outcome in _read_part(part, own, every):
                    yield names.place(outcome, file, position)

    return read_multipart


@dataclass(slots=True)
class _Names:
    """Custom ids of the documents so far: some systems give all that they export the same id."""

    seen: set[str] = field(default_factory=set)

    def place(self, outcome: Outcome, file: File, position: int) -> Outcome:
        custom_id = outcome.custom_id
        if file.media_type in _NAMED:
            custom_id = self._choose(custom_id, file.name)
        elif file.media_type == _FHIR and custom_id is None and file.name not in self.seen:
            custom_id = self._choose(None, file.name)
        line = outcome.line if file.media_type in _OF_LINES else position
        if isinstance(outcome, Rejected):
            return rejected(line, outcome.error, custom_id)
        return replace(outcome, line=line, custom_id=custom_id)

    def _choose(self, own: str | None, file_name: str | None) -> str | None:
        """The document's own, unless it has none or another document has the same."""
        name = own if own and not (file_name and own in self.seen) else file_name
        if name is not None:
            self.seen.add(name)
        return name


def _add_field(part: Part, reading: Reading, *, may_follow: bool) -> None:
    name = (part.disposition(b"name") or b"").decode("ascii", errors="replace")
    if name not in FIELDS or name in reading.parameters or not may_follow:
        raise invalid_multipart(
            f"A form field is none of {', '.join(FIELDS)}, stands twice, or stands behind a file.",
            param=name if name in FIELDS else None,
        )
    value = join(part.content, _MAX_FIELD_BYTES)
    text = None if value is None else value.decode(errors="replace")
    if text is None or not text.isprintable() or "\ufffd" in text:
        raise invalid_multipart("A form field is too long, or not in UTF-8.", param=name)
    reading.parameters[name] = text


def _read_part(
    part: Part, reading: Reading, readers: Mapping[str, Reader]
) -> Iterator[tuple[File, Outcome]]:
    file = File(None, "", None, part.content)
    count = 0
    try:
        file = open_file(part, file_name(part.disposition(b"filename")))
        for outcome in _outcomes(file, reading, readers):
            count += 1
            yield file, outcome
        if not count and not (part.size and file.media_type in _WAITING):
            raise _empty()
    except InvalidInput as error:
        for _ in part.content:
            pass
        if not part.ended:
            raise  # it is the body that has failed, not this file
        yield replace(file, media_type=""), rejected(0, _as_record(error), file.name)


def _outcomes(file: File, reading: Reading, readers: Mapping[str, Reader]) -> Iterator[Outcome]:
    reader = readers.get(file.media_type)
    if reader is None:
        raise InvalidRecord(
            "The file is of a type that cannot be read.",
            code="unsupported_format",
            param="Content-Type",
            how_to_fix="Send text, C-CDA, FHIR as JSON, NDJSON, PDF, RTF or XHTML, and say so in "
            "the part's Content-Type or in the file's name.",
        )
    own = replace(reading, charset=file.charset, media_type=file.media_type)
    for outcome in reader(file.content, own):
        if own.parameters:
            raise InvalidRecord(
                "The file says how its documents are to be summarized.",
                code="parameters_in_file",
                how_to_fix="Put what stands beside `documents` into form fields or the query.",
            )
        yield outcome


def _read_attachment(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    data = join(pieces, reading.limits.max_record_bytes)
    if data is None:
        yield too_large(1, reading.limits.max_record_bytes)
    elif data:
        if reading.charset and EXTRACTABLE[reading.media_type] == "html":
            data = as_utf8(data, reading.charset)
        yield Record(1, attachment=Attachment(reading.media_type, data))


def _empty() -> InvalidRecord:
    return InvalidRecord(
        "The file holds no document.", code="text_missing", how_to_fix="Leave the file out."
    )


def _as_record(error: InvalidInput) -> InvalidRecord:
    return InvalidRecord(
        error.detail, code=error.error_code, param=error.param, how_to_fix=error.how_to_fix
    )

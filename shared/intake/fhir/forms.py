"""A document in several forms (`content[].attachment`, `presentedForm`): the best is read.

An attachment that only points at a Binary takes its data from there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.errors import InvalidRecord
from shared.intake.fhir.attachment import Form, parse_form, read_attachment
from shared.intake.fhir.binaries import Binary
from shared.intake.fhir.place import Place
from shared.intake.fields import MAX_LANGUAGE_CHARACTERS, optional_string
from shared.intake.members import Members, objects
from shared.intake.records import Attachment


class AwaitsBinary(Exception):
    """The resource points at something that may yet come; nobody outside of intake sees this."""


class Content(NamedTuple):
    """What a document says, as text or in an attachment; `language` as its form states it."""

    text: str
    attachment: Attachment | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    attachment: Members
    form: Form
    binary: Binary | None = None
    is_elsewhere: bool = False
    """Its data may yet come."""

    @property
    def rank(self) -> int:
        """A form of unknown type may turn out to be the best."""
        return 0 if self.is_elsewhere and not self.form.media_type else self.form.rank


def read_forms(
    attachments: Sequence[Members], resource: Members, place: Place, param: str
) -> Content:
    """The first form that can be read, the one that is best as text tried first.

    Raises InvalidRecord: the first error that a sender can mend; that of a form not read at all
    only for want of another. Raises AwaitsBinary where a form may still come that is better than
    all that are there.
    """
    errors: list[InvalidRecord] = []
    candidates = list(_candidates(attachments, resource, place, errors))
    for candidate in sorted(candidates, key=lambda one: one.rank):
        if candidate.is_elsewhere:
            raise AwaitsBinary
        attachment = _with_data(candidate, place)
        try:
            content = read_attachment(attachment, candidate.form, place.reading.limits, param)
            language = optional_string(
                attachment, "language", max_characters=MAX_LANGUAGE_CHARACTERS
            )
        except InvalidRecord as error:
            errors.append(_bare(error))
        else:
            if isinstance(content, Attachment):
                return Content("", content, language)
            return Content(content, None, language)
    if not errors:
        raise InvalidRecord(
            "The resource has no attachment.",
            code="text_missing",
            param=param,
            how_to_fix=f"Put the note into {param}.data as base64.",
        )
    raise next((e for e in errors if e.error_code != "unsupported_attachment"), errors[0])


def _candidates(
    attachments: Sequence[Members], resource: Members, place: Place, errors: list[InvalidRecord]
) -> Iterator[_Candidate]:
    contained = _contained(resource)
    for attachment in attachments:
        try:
            yield _candidate(attachment, contained, place)
        except InvalidRecord as error:
            errors.append(_bare(error))


def _candidate(attachment: Members, contained: dict[str, Members], place: Place) -> _Candidate:
    form, url = parse_form(attachment.get("contentType")), attachment.get("url")
    if attachment.get("data") is not None or not isinstance(url, str):
        return _Candidate(attachment, form)
    if url.startswith("#"):
        inner = contained.get(url[1:])
        if inner is None:
            return _Candidate(attachment, form)
        form = _merged(form, inner.get("contentType"))
        return _Candidate(_filled(attachment, inner.get("data")), form)
    binaries = place.reading.binaries
    binary = binaries.find(url, place.bundle, everywhere=place.has_ended)
    if binary is not None:
        return _Candidate(attachment, _merged(form, binary.content_type), binary)
    is_elsewhere = not place.has_ended and (form.is_readable or not form.media_type)
    return _Candidate(attachment, form, is_elsewhere=is_elsewhere)


def _with_data(candidate: _Candidate, place: Place) -> Members:
    """Read only when its turn has come: most are never needed."""
    attachment, binary = candidate.attachment, candidate.binary
    if binary is not None:
        return _filled(attachment, place.reading.binaries.data(binary))
    return attachment


def _filled(attachment: Members, data: object) -> Members:
    """A Binary without data is there, and empty."""
    return {**attachment, "data": "" if data is None else data}


def _merged(form: Form, content_type: object) -> Form:
    """What the attachment leaves open, its Binary says."""
    inner = parse_form(content_type)
    if form.media_type in ("", inner.media_type):
        return Form(inner.media_type, form.charset or inner.charset)
    return form


def _contained(resource: Members) -> dict[str, Members]:
    return {
        inner["id"]: inner
        for inner in objects(resource.get("contained"))
        if isinstance(inner.get("id"), str) and inner.get("resourceType") == "Binary"
    }


def _bare(error: InvalidRecord) -> InvalidRecord:
    """Without the frames that would keep each form's bytes."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)

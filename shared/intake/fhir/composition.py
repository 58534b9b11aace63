"""FHIR Composition (hl7.org/fhir/R4/composition.html)."""

from collections.abc import Iterator

from shared.errors import InvalidRecord
from shared.intake.fhir.codes import wording_of
from shared.intake.fhir.forms import Content, read_forms
from shared.intake.fhir.narrative import resource_narrative
from shared.intake.fhir.place import Place
from shared.intake.fhir.references import relative
from shared.intake.fields import document_text
from shared.intake.members import Members, objects
from shared.intake.narrative.render import heading_line

_BINARY = "Binary/"


def composition_content(resource: Members, place: Place) -> Content:
    """Title and sections in their order; a section nested in another follows its text.

    Where no section has a narrative, a Binary that one points at is the document. Raises
    InvalidRecord: `text_missing`, or what is wrong with a narrative or Binary; AwaitsBinary.
    """
    sections = objects(resource.get("section"))
    blocks = [block for section in sections for block in _section(section)]
    if blocks:
        title = _title(resource.get("title"))
        text = "\n\n".join([title, *blocks] if title else blocks)
        return Content(document_text(text, place.reading.limits, param="section.text"))
    attached = [reference for section in sections for reference in _binaries(section)]
    if attached:
        return read_forms(attached, resource, place, "section.entry")
    text = resource_narrative(resource)
    if not text:
        raise InvalidRecord(
            "No section of the document has text.",
            code="text_missing",
            param="section.text",
            how_to_fix="Put the narrative into section[].text.div, or send the documents that the "
            "sections point at.",
        )
    return Content(document_text(text, place.reading.limits, param="text.div"))


def has_content(resource: Members) -> bool:
    """Whether a Composition says something itself, or points at a Binary that does."""
    sections = objects(resource.get("section"))
    return bool(objects(resource.get("text"))) or any(map(_has_content, sections))


def _has_content(section: Members) -> bool:
    return (
        bool(objects(section.get("text")))
        or next(_binaries(section), None) is not None
        or any(map(_has_content, objects(section.get("section"))))
    )


def _section(section: Members) -> list[str]:
    """Blocks of text; none of a section that has none, however it is called."""
    narrative = resource_narrative(section)
    nested = [block for inner in objects(section.get("section")) for block in _section(inner)]
    if not narrative and not nested:
        return []
    heading = heading_line(_title(section.get("title")) or wording_of(section.get("code")))
    own = "\n".join(filter(None, (heading, narrative)))
    return [own, *nested] if own else nested


def _title(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _binaries(section: Members) -> Iterator[Members]:
    """What a section points at, as attachments."""
    for entry in objects(section.get("entry")):
        reference = entry.get("reference")
        if isinstance(reference, str) and (relative(reference) or "").startswith(_BINARY):
            yield {"url": reference}
    for inner in objects(section.get("section")):
        yield from _binaries(inner)

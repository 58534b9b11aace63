"""FHIR DocumentReference (hl7.org/fhir/R4/documentreference.html)."""

from shared.intake.fhir.forms import Content, read_forms
from shared.intake.fhir.place import Place
from shared.intake.members import Members, objects


def document_content(resource: Members, place: Place) -> Content:
    """Each `content` is the same document in another form.

    Raises InvalidRecord: why none can be read; AwaitsBinary.
    """
    attachments = [
        attachment
        for content in objects(resource.get("content"))
        for attachment in objects(content.get("attachment"))
    ]
    return read_forms(attachments, resource, place, "content.attachment")

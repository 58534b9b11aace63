"""FHIR DiagnosticReport (hl7.org/fhir/R4/diagnosticreport.html)."""

from shared.errors import InvalidRecord
from shared.intake.fhir.forms import Content, read_forms
from shared.intake.fhir.narrative import resource_narrative
from shared.intake.fhir.place import Place
from shared.intake.fields import document_text, invalid_field
from shared.intake.members import Members, objects
from shared.intake.narrative.render import heading_line

_CONCLUSION = "Conclusion"


def report_content(resource: Members, place: Place) -> Content:
    """`presentedForm` is the whole report as issued; without one, narrative and conclusion are.

    So they are where every form is of a type that is not read, an image for instance; a form that
    the sender can mend is not passed over. Raises InvalidRecord: `text_missing`, or why no form can
    be read; AwaitsBinary.
    """
    forms = objects(resource.get("presentedForm"))
    unread = None
    if forms:
        try:
            return read_forms(forms, resource, place, "presentedForm")
        except InvalidRecord as error:
            if error.error_code != "unsupported_attachment":
                raise
            unread = error
    text = _narrative_and_conclusion(resource)
    if not text.strip():
        raise unread or InvalidRecord(
            "The report holds no text: no presentedForm, narrative or conclusion.",
            code="text_missing",
            param="presentedForm",
            how_to_fix="Put the report into presentedForm, or leave it out if its results "
            "stand in Observations alone.",
        )
    return Content(document_text(text, place.reading.limits, param="text.div"))


def _narrative_and_conclusion(resource: Members) -> str:
    narrative = resource_narrative(resource)
    conclusion = resource.get("conclusion")
    if conclusion is not None and not isinstance(conclusion, str):
        raise invalid_field("conclusion", "a string")
    if not conclusion or conclusion.strip() in narrative:
        return narrative
    return "\n\n".join(filter(None, (narrative, f"{heading_line(_CONCLUSION)}\n{conclusion}")))

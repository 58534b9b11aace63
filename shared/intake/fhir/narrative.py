"""`text.div`: what a resource, or a section of it, says to a reader."""

from shared.intake.fields import invalid_field
from shared.intake.members import Members, objects
from shared.intake.narrative.render import narrative_text


def resource_narrative(resource: Members) -> str:
    """The plain text; "" where there is none. Raises InvalidRecord as `narrative_text` does."""
    for narrative in objects(resource.get("text")):
        div = narrative.get("div")
        if div is None:
            continue
        if not isinstance(div, str):
            raise invalid_field("text.div", "a string of XHTML")
        return narrative_text(div).strip() if div.strip() else ""
    return ""

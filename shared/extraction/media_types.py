"""Which attachments a background worker takes to text. Light: intake asks here too."""

from typing import Literal

Form = Literal["pdf", "rtf", "html"]

EXTRACTABLE: dict[str, Form] = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/rtf": "rtf",
    "application/x-rtf": "rtf",
    "text/rtf": "rtf",
    "text/richtext": "rtf",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/xhtml": "html",
    "text/xhtml": "html",
}
"""Media type, in lower case and without parameters → how its bytes are read."""

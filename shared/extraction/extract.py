"""The bytes of one attachment → its text. Pure; limits of time and memory are the caller's."""

from dataclasses import dataclass

from shared.extraction.clean import clean_text, says_something
from shared.extraction.html import read_html
from shared.extraction.media_types import EXTRACTABLE
from shared.extraction.pdf import read_pdf
from shared.extraction.refusals import Refused
from shared.extraction.rtf import read_rtf


@dataclass(frozen=True, slots=True)
class Extracted:
    """`text` has no NUL and no lone surrogate; `warnings` are codes for the summary."""

    text: str
    warnings: list[str]


def extract_text(media_type: str, data: bytes, *, max_characters: int) -> Extracted:
    """Raises Refused and nothing else but MemoryError."""
    try:
        text, warnings = _read(media_type, data)
    except (Refused, MemoryError):
        raise
    except RecursionError:
        raise Refused("attachment_too_complex") from None
    except Exception:  # noqa: BLE001 - parsers of broken files raise whatever they stumble on
        raise Refused("invalid_attachment") from None
    text = clean_text(text)
    if not says_something(text):
        raise Refused("attachment_without_text")
    if len(text) > max_characters:
        raise Refused("document_too_large")
    return Extracted(text, warnings)


def _read(media_type: str, data: bytes) -> tuple[str, list[str]]:
    match EXTRACTABLE.get(media_type):
        case "pdf":
            return read_pdf(data)
        case "rtf":
            return read_rtf(data), []
        case "html":
            return read_html(data), []
        case None:
            raise Refused("invalid_attachment")

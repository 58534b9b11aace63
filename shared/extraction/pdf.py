"""PDF (ISO 32000) → text, with pypdf.

Its plain mode reads in the order in which the page was written, line by line, the cells of a table
row on one line. The layout mode would keep columns apart, but tears words apart too.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pypdf import PageObject, PdfReader
from pypdf.errors import FileNotDecryptedError, LimitReachedError

from shared.extraction.refusals import Refused

PARTLY_SCANNED = "partly_scanned"
"""Some pages are pictures without text, which nobody reads."""
PARTLY_UNREADABLE = "partly_unreadable"
"""Some part of a page is broken and was left out."""


def read_pdf(data: bytes) -> tuple[str, list[str]]:
    """The text of all pages, a blank line between two, and warnings.

    Raises Refused, or whatever pypdf raises on a file that is broken.
    """
    warnings = []
    try:
        with _listening() as losses:
            reader = PdfReader(BytesIO(data))
            # One that only forbids printing opens with the empty password, as in any viewer.
            if reader.is_encrypted and not reader.decrypt(""):
                raise Refused("attachment_encrypted")
            pages = [(page.extract_text(), page) for page in reader.pages]
            if any(not text.strip() and _has_image(page) for text, page in pages):
                warnings.append(PARTLY_SCANNED)
    except FileNotDecryptedError:
        raise Refused("attachment_encrypted") from None
    except LimitReachedError:
        raise Refused("attachment_too_complex") from None
    if losses.limit_reached:
        raise Refused("attachment_too_complex")
    if losses.part_left_out:
        warnings.append(PARTLY_UNREADABLE)
    return "\n\n".join(text for text, _ in pages), warnings


class _Losses(logging.Handler):
    """Hears that pypdf leaves out a part of a page, which it only logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.limit_reached = False
        self.part_left_out = False

    def emit(self, record: logging.LogRecord) -> None:
        template = str(record.msg)  # never what is filled in, which quotes the file
        self.limit_reached |= template.startswith("Exceeded")
        self.part_left_out |= template.startswith(("Impossible to decode", "Page contents"))


@contextmanager
def _listening() -> Iterator[_Losses]:
    losses, logger = _Losses(), logging.getLogger("pypdf")
    logger.addHandler(losses)
    logger.propagate = False
    try:
        yield losses
    finally:
        logger.removeHandler(losses)


def _has_image(page: PageObject) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    return objects is not None and any(
        one.get_object().get("/Subtype") == "/Image" for one in objects.get_object().values()
    )

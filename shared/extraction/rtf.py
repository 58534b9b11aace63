"""RTF (Microsoft's specification 1.9.1) → text, with striprtf."""

import re

from striprtf.striprtf import rtf_to_text

from shared.extraction.refusals import Refused

_PICTURE = re.compile(r"[0-9a-fA-F\r\n]{512,}")
"""The bytes of a picture in hexadecimal: megabytes that no text is made of."""
_ROW_END = re.compile(r"(?:[ \t]*\|)+[ \t]*$", re.MULTILINE)
_CELL_END = re.compile(r"[ \t]*\|[ \t]*")


def read_rtf(data: bytes) -> str:
    """Paragraphs as lines, the cells of a table row on one line. Raises Refused."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Refused("invalid_attachment")
    # Bytes beyond ASCII are against the specification and mean Windows' code page where they occur.
    source = _PICTURE.sub("", data.decode("cp1252", errors="replace"))
    # striprtf would look for links, to show their targets, in quadratic time; this hides them.
    source = source.replace("\\fldinst{", "\\fldinst {")
    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    return _CELL_END.sub(" | ", _ROW_END.sub("", text))

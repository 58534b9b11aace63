"""HTML of any kind, XHTML too → text: parsed as browsers do, rendered as every narrative is."""

import codecs
import re
from itertools import chain

from lxml import html

from shared.errors import InvalidRecord
from shared.extraction.clean import REPLACEMENT
from shared.extraction.refusals import Refused
from shared.intake.charset import CHARSETS
from shared.intake.narrative.render import render

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""")
_HEAD_BYTES = 1024
"""Within which HTML wants its charset declared."""
_STRUCTURE = ("table", "h1", "h2", "h3", "h4", "h5", "h6")
_TABLE_PARTS = ("tbody", "thead", "tfoot")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def read_html(data: bytes) -> str:
    """Raises Refused, or whatever the parser raises on what is no markup."""
    source = _XML_DECLARATION.sub("", _decode(data), count=1)
    if not source.strip():
        raise Refused("attachment_without_text")
    # No scripts run and nothing is fetched: lxml knows neither. Without `huge_tree` all that comes
    # behind an embedded picture of 10 MB would be dropped in silence.
    parser = html.HTMLParser(huge_tree=True, no_network=True)
    root = html.document_fromstring(source.replace("\0", REPLACEMENT), parser=parser)
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        raise Refused("attachment_too_complex")  # it stopped there, as at 2,048 nested elements
    _unfold_layout(root)
    try:
        return render(root)
    except InvalidRecord as error:
        raise Refused("document_too_large") from error


def _unfold_layout(root: html.HtmlElement) -> None:
    """A table that only arranges a page (one column, or headings and tables inside) is no table.

    As one it would be rendered a row a line, and the note's own lines and headings would be gone.
    """
    for table in list(root.iter("table")):
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        arranged = any(
            next(cell.iter(*_STRUCTURE), None) is not None for row in cells for cell in row
        )
        if arranged or all(len(row) <= 1 for row in cells):
            for element in (table, *table.iterchildren(*_TABLE_PARTS), *rows, *chain(*cells)):
                element.tag = "div"


def _decode(data: bytes) -> str:
    """By its byte order mark, else UTF-8 if it is that, else as declared, else Windows' default."""
    for mark, codec in _MARKS.items():
        if data.startswith(mark):
            return data.decode(codec, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        found = _DECLARED.search(data[:_HEAD_BYTES])
        declared = found[1].decode().lower() if found else ""
        known = CHARSETS.fullmatch(declared) and not declared.startswith("utf")
        return data.decode(declared if known else "cp1252", errors="replace")

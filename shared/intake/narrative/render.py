"""Markup made for reading (XHTML of FHIR, narrative blocks of C-CDA) → plain text.

FHIR R4 Narrative (hl7.org/fhir/R4/narrative.html); C-CDA narrative block (CDA R2, 4.3.5). A
paragraph stands between blank lines, an item behind `- `, a table row on a line of its own, its
cells behind the names of their columns: `Medication: Aspirin | Dose: 81 mg`.
"""

import re
from collections.abc import Iterator
from html.entities import html5
from itertools import count, repeat

from lxml import etree

from shared.errors import InvalidRecord
from shared.intake.narrative.lines import Allowance, Lines, joined, unwrapped
from shared.intake.narrative.table import Cell, Row, table_lines
from shared.intake.xml_values import parse_xml_text
from shared.text.sections import headings

_SKIPPED = frozenset(
    """audio canvas del footnoteref head iframe map noscript object rendermultimedia s script
    strike style svg template video""".split()  # noqa: SIM905 - else a line for each word
)
"""What cannot be read, and what was struck out."""
_PARAGRAPHS = frozenset(("blockquote", "hr", "p", "paragraph"))
_LINES = frozenset(
    """address article aside br caption center dd div dl dt figcaption figure footer form header
    main nav section""".split()  # noqa: SIM905 - the same
)
_TITLES = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TABLES = frozenset(("tbody", "tfoot", "thead"))
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_EXPONENT = re.compile(r"[+\-\u2212]?\d{1,4}")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_XML_ENTITIES = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))
_MAX_COLUMNS, _MAX_ROWS = 50, 65_534


def narrative_text(xhtml: str) -> str:
    """The text of a `div` (FHIR `text.div`) or of a whole XHTML document; "" if it has none.

    HTML's own entities (`&nbsp;`), which XML lacks, are let pass. Raises InvalidRecord
    `invalid_xhtml` where the markup is not XML, has a DTD or is too deep, and
    `document_too_large`.
    """
    try:
        root = parse_xml_text(_ENTITY.sub(_character, xhtml))
    except InvalidRecord as error:
        failure = InvalidRecord(
            f"The narrative cannot be read as XHTML. {error.detail}",
            code="invalid_xhtml",
            how_to_fix=error.how_to_fix,
        )
    else:
        return render(root)
    raise failure


def render(element: etree._Element) -> str:
    """The text of an element of either kind. Raises InvalidRecord `document_too_large`."""
    lines = Lines()
    if len(element):
        _element(element, lines)
    else:
        lines.preserved(unwrapped(element.text or ""))
    return lines.text()


def heading_line(title: str) -> str:
    """A title in the form that `shared.text.sections` knows as a heading."""
    name = " ".join(title.split()).rstrip(" :")
    forms = (f"{name}:", f"# {name}") if name else ()
    return next((form for form in forms if [h.name for h in headings(form)] == [name]), name)


def local_name(element: etree._Element) -> str:
    """Without the namespace, in lower case; "" of a comment."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    return entity[0] if name in _XML_ENTITIES else html5.get(name, entity[0])


def _content(element: etree._Element, lines: Lines) -> None:
    lines.words(element.text)
    for child in element:
        _element(child, lines)
        lines.words(child.tail)


def _element(element: etree._Element, lines: Lines) -> None:  # noqa: C901 - a case per kind
    name = local_name(element)
    if not name or name in _SKIPPED or _is_hidden(element):
        return
    if name in _PARAGRAPHS:
        _apart(element, lines)
    elif name in _LINES or name in _TABLES:
        lines.line()
        _content(element, lines)
        lines.line()
    elif name in _TITLES:
        lines.paragraph()
        lines.words(heading_line(joined(_nested(element, lines.allowance))))
        lines.line()
    elif name in ("list", "ol", "ul"):
        _list(element, lines)
    elif name == "table":
        _table(element, lines)
    elif name == "pre":
        lines.paragraph()
        lines.preserved("".join(element.itertext()))
        lines.paragraph()
    elif name == "sup":
        _superscript(element, lines)
    elif name == "footnote":
        if note := joined(_nested(element, lines.allowance)):
            lines.words(f" ({note}) ")
    elif name == "img":
        lines.words(element.get("alt"))
    else:
        _content(element, lines)


def _apart(element: etree._Element, lines: Lines) -> None:
    lines.paragraph()
    _content(element, lines)
    lines.paragraph()


def _nested(element: etree._Element, allowance: Allowance) -> str:
    lines = Lines(allowance)
    _content(element, lines)
    return lines.text()


def _list(element: etree._Element, lines: Lines) -> None:
    is_ordered = local_name(element) == "ol" or element.get("listType") == "ordered"
    markers: Iterator[str] = (f"{n}." for n in count(1)) if is_ordered else repeat("-")
    lines.line()
    for child in element:
        if local_name(child) not in ("item", "li"):
            _element(child, lines)
        elif not _is_hidden(child) and (text := _nested(child, lines.allowance)):
            lines.item(next(markers), text)
    lines.line()


def _table(element: etree._Element, lines: Lines) -> None:
    lines.paragraph()
    for caption in element.iterchildren("{*}caption"):
        _element(caption, lines)
    rows = (_row(row, lines.allowance) for row in _rows(element))
    for line in table_lines(rows, lines.allowance):
        lines.line()
        lines.words(line)
    lines.paragraph()


def _rows(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        name = local_name(child)
        if _is_hidden(child):
            continue
        if name == "tr":
            yield child
        elif name in _TABLES:
            yield from _rows(child)


def _row(row: etree._Element, allowance: Allowance) -> Row:
    parent = row.getparent()
    cells = [_cell(cell, allowance) for cell in row if local_name(cell) in ("td", "th")]
    return Row(cells, in_head=parent is not None and local_name(parent) == "thead")


def _cell(cell: etree._Element, allowance: Allowance) -> Cell:
    text = "" if _is_hidden(cell) else joined(_nested(cell, allowance))
    columns = _span(cell.get("colspan"), _MAX_COLUMNS)
    rows = _span(cell.get("rowspan"), _MAX_ROWS)
    return Cell(text, columns, rows, is_header=local_name(cell) == "th")


def _span(value: str | None, most: int) -> int:
    plain = value is not None and value.isascii() and value.isdigit() and len(value) < 6  # noqa: PLR2004 - digits of `most`
    return min(max(1, int(value or 1)), most) if plain else 1


def _superscript(element: etree._Element, lines: Lines) -> None:
    """`10<sup>9</sup>` is no 109."""
    text = joined(_nested(element, lines.allowance))
    if _EXPONENT.fullmatch(text) and lines.last_character().isalnum():
        lines.glued(f"^{text}")
    else:
        lines.words(text)


def _is_hidden(element: etree._Element) -> bool:
    attributes = element.attrib
    return bool(attributes) and (
        "hidden" in attributes
        or attributes.get("revised") == "delete"
        or "hidden" in attributes.get("styleCode", "").lower()
        or _HIDDEN_STYLE.search(attributes.get("style", "")) is not None
    )

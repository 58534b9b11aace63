"""A table's cells → lines, each of which can be understood by itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.intake.narrative.lines import Allowance

_MAX_LABEL = 80
_MAX_CARRIED = 200
"""A longer cell is not said again in each row that it spans."""

_CARRYING = 20
"""Characters that it takes as long to write as to carry a cell into the next row."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`columns` and `rows`: how many it spans."""

    text: str
    columns: int = 1
    rows: int = 1
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`in_head`: a row of the table's `thead`."""

    cells: Sequence[Cell]
    in_head: bool = False


Placed = dict[int, Cell]
"""Column from 0 → the cell that begins there."""


def table_lines(rows: Iterable[Row], allowance: Allowance) -> Iterator[str]:
    """A line for each row. Cells stand behind the names of their columns, where those are known."""
    placed = list(_place(rows, allowance))
    width = max((_width(cells) for _, cells in placed), default=0)
    count = _header_rows(placed)
    head, body = [cells for _, cells in placed[:count]], placed[count:]
    if not any(_texts(cells) for _, cells in body):
        yield from (line for cells in head if (line := " | ".join(_texts(cells))))
        return
    titles, head = _titles(head, width)
    yield from titles
    labels = _labels(head, allowance)
    for row, cells in body:
        if line := _line(cells, labels, width, allowance):
            yield line
        if _names_columns(row):  # from here on, other ones
            labels = _labels([cells], allowance)


def _place(rows: Iterable[Row], allowance: Allowance) -> Iterator[tuple[Row, Placed]]:
    """Each row with the cells that reach into it from above."""
    carried: dict[int, Cell] = {}
    in_head = False
    for row in rows:
        if row.in_head != in_head:  # no cell reaches out of the head
            carried, in_head = {}, row.in_head
        allowance.spend(_CARRYING * len(carried))
        placed = dict(carried)
        column = 0
        for cell in row.cells:
            while column in placed:
                column += placed[column].columns
            placed[column] = cell
            column += cell.columns
        carried = {at: _next_row(cell) for at, cell in placed.items() if cell.rows > 1}
        if row.cells:
            yield row, dict(sorted(placed.items()))


def _next_row(cell: Cell) -> Cell:
    text = cell.text if len(cell.text) <= _MAX_CARRIED else ""
    return Cell(text, cell.columns, cell.rows - 1, cell.is_header)


def _header_rows(placed: Sequence[tuple[Row, Placed]]) -> int:
    """How many rows name columns: those of `thead`, or else the first if all of it are `th`."""
    count = 0
    while count < len(placed) and placed[count][0].in_head:
        count += 1
    return count or int(bool(placed) and _names_columns(placed[0][0]))


def _names_columns(row: Row) -> bool:
    return len(row.cells) > 1 and all(cell.is_header for cell in row.cells)


def _titles(head: Iterable[Placed], width: int) -> tuple[list[str], list[Placed]]:
    """Header rows that are one cell over all columns are titles of the table."""
    titles: list[str] = []
    others: list[Placed] = []
    for cells in head:
        if width > 1 and len(cells) == 1 and _width(cells) == width:
            titles += _texts(cells)
        else:
            others.append(cells)
    return titles, others


def _labels(head: Sequence[Placed], allowance: Allowance) -> dict[int, str]:
    """Column → what the header rows say of it; nothing where that is too long to say again."""
    names: dict[int, str] = {}
    for cells in head:
        for start, cell in cells.items():
            text = cell.text.rstrip(" :")
            allowance.spend(cell.columns - 1)
            for column in range(start, start + cell.columns):
                known = names.get(column, "")
                if len(known) <= _MAX_LABEL and text != known:
                    names[column] = f"{known} {text}".strip()
    return {column: name for column, name in names.items() if len(name) <= _MAX_LABEL}


def _line(cells: Placed, labels: dict[int, str], width: int, allowance: Allowance) -> str:
    filled = {column: cell for column, cell in cells.items() if cell.text}
    allowance.spend(sum(len(cell.text) for cell in filled.values() if cell.rows > 1))
    if not labels and width == len(cells) == len(filled) == 2:  # noqa: PLR2004 - name and value
        name, value = (cell.text for cell in filled.values())
        if len(name) <= _MAX_LABEL:
            return f"{name.rstrip(' :')}: {value}"
    pieces = []
    for column, cell in filled.items():
        label = "" if cell.columns > 1 or cell.is_header else labels.get(column, "")
        allowance.spend(len(label))
        pieces.append(f"{label}: {cell.text}" if label else cell.text)
    return " | ".join(pieces)


def _texts(cells: Placed) -> list[str]:
    return [cell.text for cell in cells.values() if cell.text]


def _width(cells: Placed) -> int:
    return max((column + cell.columns for column, cell in cells.items()), default=0)

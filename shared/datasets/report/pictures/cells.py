"""Coverage against density, as in figure 4 of Grusky et al. (2018)."""

from collections.abc import Iterator, Sequence
from math import sqrt

from markupsafe import Markup

from shared.datasets.report.measurements import RATIO_EDGES
from shared.datasets.report.pictures.svg import box, label, line, picture
from shared.datasets.report.written import number, percent
from shared.schemas.dataset_reports import Cell

_WIDTH, _HEIGHT = 560.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 12.0, 12.0, 40.0
_COLUMN = 0.05
_LABEL = 14.0
"""Height that a label needs."""
_ROUND = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def coverage_and_density(title: str, cells: Sequence[Cell]) -> Markup:
    """Darker where there are more rows."""
    low = min(cell.density for cell in cells)
    high = max(cell.density for cell in cells)
    rows = [edge for edge in RATIO_EDGES if low <= edge <= high]
    most = max(cells, key=lambda cell: cell.count)
    return picture(
        _WIDTH,
        _HEIGHT,
        title,
        f"Coverage to the right, density upwards. Most rows ({most.count:,}) have a coverage from "
        f"{percent(most.coverage)} and a density from {number(most.density)}.",
        [*_squares(cells, rows, most.count), *_axes(rows)],
    )


def _squares(cells: Sequence[Cell], rows: Sequence[float], most: int) -> Iterator[Markup]:
    width = (_WIDTH - _LEFT - _RIGHT) * _COLUMN
    height = (_HEIGHT - _TOP - _BOTTOM) / len(rows)
    for cell in cells:
        yield box(
            "c0",
            _LEFT + cell.coverage / _COLUMN * width,
            _HEIGHT - _BOTTOM - (rows.index(cell.density) + 1) * height,
            width,
            height,
            opacity=0.12 + 0.88 * sqrt(cell.count / most),
            tip=f"{cell.count:,} rows: coverage from {percent(cell.coverage)}, "
            f"density from {number(cell.density)}",
        )


def _axes(rows: Sequence[float]) -> Iterator[Markup]:
    base = _HEIGHT - _BOTTOM
    yield line("axis", _LEFT, base, _WIDTH - _RIGHT, base)
    yield line("axis", _LEFT, _TOP, _LEFT, base)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
        anchor = "end" if share == 1 else "middle"
        yield label(f"tick {anchor}", x, base + 16, percent(share))
    yield label("tick end", _WIDTH - _RIGHT, _HEIGHT - 6, "coverage")
    step = (base - _TOP) / len(rows)
    for place, edge in enumerate(rows):
        if edge in _ROUND or (place == 0 and step > _LABEL):
            yield label("tick end", _LEFT - 6, base - place * step + 4, number(edge))
    yield label("tick start", _LEFT + 6, _TOP + 8, "density, words")

"""A metric of all candidates and baselines: points, each with its 95 % interval."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from shared.datasets.report.pictures.svg import box, label, line, picture
from shared.evaluations.remark import NAMES, written
from shared.schemas.evaluations import CandidateFigures, Estimate

_WIDTH, _ROW, _BOTTOM = 560.0, 26.0, 22.0
_NAMES, _VALUES = 150.0, 130.0
_ROOM = _WIDTH - _NAMES - _VALUES
_TICKS = 4
_POINT = 8.0
_LONGEST_NAME = 24
_STYLES = {"candidate": "target", "production": "source", "baseline": "c7"}


def intervals(metric: str, figures: Sequence[CandidateFigures]) -> Markup:
    """One row each, on an axis that begins at nought."""
    estimates = [one.scores[metric] for one in figures]
    most = max((each.high for each in estimates), default=0.0) or 1.0
    height = _ROW * len(figures)
    parts = [*_axis(metric, most, height)]
    for place, (one, estimate) in enumerate(zip(figures, estimates, strict=True)):
        parts += _row(place * _ROW, one, estimate, metric, most)
    described = "; ".join(
        f"{one.name} {spoken(metric, estimate)}"
        for one, estimate in zip(figures, estimates, strict=True)
    )
    return picture(_WIDTH, height + _BOTTOM, NAMES[metric], f"{described}.", parts)


def spoken(metric: str, estimate: Estimate) -> str:
    """`24.1 (22.0 to 26.3)`."""
    value, low, high = (
        written(metric, each) for each in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({low} to {high})"


def _axis(metric: str, most: float, height: float) -> Iterator[Markup]:
    for tick in range(_TICKS + 1):
        x = _NAMES + tick / _TICKS * _ROOM
        yield line("grid", x, 0.0, x, height)
        yield label("tick middle", x, height + 16, written(metric, tick / _TICKS * most))


def _row(
    y: float, one: CandidateFigures, estimate: Estimate, metric: str, most: float
) -> Iterator[Markup]:
    style, middle = _STYLES[one.role], y + _ROW / 2
    low, value, high = (
        _NAMES + each / most * _ROOM for each in (estimate.low, estimate.value, estimate.high)
    )
    tip = f"{one.name}: {spoken(metric, estimate)}"
    yield label("name end", _NAMES - 10, middle + 4, _short(one.name))
    yield box(style, low, middle - 1.5, max(high - low, 1.0), 3.0, tip=tip, opacity=0.55)
    yield box(style, value - _POINT / 2, middle - _POINT / 2, _POINT, _POINT, tip=tip)
    yield label("tick", _NAMES + _ROOM + 10, middle + 4, spoken(metric, estimate))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}\u2026"

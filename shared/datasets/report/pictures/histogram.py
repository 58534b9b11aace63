"""Distributions as histograms; several of them share their axes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.datasets.report.pictures.svg import box, label, line, path, picture
from shared.datasets.report.written import number
from shared.schemas.dataset_reports import Bin, Distribution

_WIDTH, _HEIGHT = 560.0, 200.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 22.0, 34.0
_BASE = _HEIGHT - _BOTTOM
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_LINES = 4
_NARROWEST_TICK = 34.0
_ROUND = ("1", "2", "5")


@dataclass(frozen=True, slots=True)
class Series:
    """A distribution, what it is of, and the class of its colour."""

    name: str
    style: str
    values: Distribution


class _Axes:
    """Bins are of equal width, whatever they hold: `edges` decide what the axis is like."""

    def __init__(self, series: Sequence[Series], edges: Sequence[float]) -> None:
        low = min(one.values.histogram[0].low for one in series)
        high = max(one.values.histogram[-1].high for one in series)
        self.edges = [edge for edge in edges if low <= edge <= high]
        self.step = (_WIDTH - _LEFT - _RIGHT) / (len(self.edges) - 1)
        self.most = max(
            bin_.count / one.values.count for one in series for bin_ in one.values.histogram
        )

    def x(self, value: float) -> float:
        last = len(self.edges) - 2
        place = min(sum(edge <= value for edge in self.edges) - 1, last)
        low, high = self.edges[place], self.edges[place + 1]
        return _LEFT + (place + min(1.0, (value - low) / (high - low))) * self.step

    def y(self, share: float) -> float:
        return _BASE - share / self.most * (_BASE - _TOP)


def histogram(
    title: str, series: Sequence[Series], edges: Sequence[float], unit: str, *, share: bool = False
) -> Markup:
    """The first series as bars, others as outlines. `share`: the axis is of percentages."""
    axes = _Axes(series, edges)
    first, *others = series
    parts = [
        *_grid(axes),
        *_bars(axes, first, unit, share=share),
        *(_outline(axes, other) for other in others),
        *_ticks(axes, unit, share=share),
        *_markers(axes, first, share=share),
    ]
    described = "; ".join(_in_words(one, unit, share=share) for one in series)
    return picture(_WIDTH, _HEIGHT, title, f"{described}.", parts)


def _written(value: float, *, share: bool) -> str:
    return f"{100 * value:.0f} %" if share else number(value)


def _in_words(one: Series, unit: str, *, share: bool) -> str:
    values = one.values
    low, mid, high = (_written(it, share=share) for it in (values.p5, values.median, values.p95))
    return f"{one.name}: median {mid} {unit}, nine in ten between {low} and {high}"


def _grid(axes: _Axes) -> Iterator[Markup]:
    step = next((step for step in _STEPS if axes.most / step <= _MOST_LINES), _STEPS[-1])
    for count in range(1, int(axes.most / step + 1e-9) + 1):
        y = axes.y(count * step)
        yield line("grid", _LEFT, y, _WIDTH - _RIGHT, y)
        yield label("tick end", _LEFT - 6, y + 4, _written(count * step, share=True))
    yield line("axis", _LEFT, _BASE, _WIDTH - _RIGHT, _BASE)


def _bars(axes: _Axes, one: Series, unit: str, *, share: bool) -> Iterator[Markup]:
    for bin_ in one.values.histogram:
        if bin_.count:
            y = axes.y(bin_.count / one.values.count)
            low, high = _written(bin_.low, share=share), _written(bin_.high, share=share)
            yield box(
                one.style,
                axes.x(bin_.low) + 0.5,
                y,
                axes.step - 1,
                _BASE - y,
                tip=f"{bin_.count:,} rows from {low} to {high} {unit}",
            )


def _outline(axes: _Axes, one: Series) -> Markup:
    return path(f"outline {one.style}", _steps(axes, one.values.histogram, one.values.count))


def _steps(axes: _Axes, bins: Sequence[Bin], count: int) -> Iterator[tuple[float, float]]:
    yield axes.x(bins[0].low), _BASE
    for bin_ in bins:
        y = axes.y(bin_.count / count)
        left = axes.x(bin_.low)
        yield left, y
        yield left + axes.step, y
    yield axes.x(bins[-1].low) + axes.step, _BASE


def _ticks(axes: _Axes, unit: str, *, share: bool) -> Iterator[Markup]:
    last = -_NARROWEST_TICK
    for place, edge in enumerate(axes.edges):
        x = _LEFT + place * axes.step
        round_one = f"{edge:.4f}".strip("0.") in _ROUND or edge == 0 or share
        if round_one and x - last >= _NARROWEST_TICK:
            last = x
            yield line("axis", x, _BASE, x, _BASE + 4)
            anchor = "end" if place == len(axes.edges) - 1 else "middle"
            yield label(f"tick {anchor}", x, _BASE + 16, _written(edge, share=share))
    yield label("tick end", _WIDTH - _RIGHT, _HEIGHT - 4, unit)


def _markers(axes: _Axes, one: Series, *, share: bool) -> Iterator[Markup]:
    """The median, and what 95 of 100 do not exceed."""
    median, high = axes.x(one.values.median), axes.x(one.values.p95)
    for x, value, name in ((median, one.values.median, "median"), (high, one.values.p95, "95 %")):
        if name == "median" or x - median > 110:  # noqa: PLR2004 - else the labels meet
            yield line("marker", x, _TOP - 6, x, _BASE)
            anchor = "end" if x > _WIDTH - 90 else "middle" if x > _LEFT + 60 else "start"
            yield label(f"note {anchor}", x, _TOP - 10, f"{name} {_written(value, share=share)}")

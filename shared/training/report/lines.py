"""Curves over the steps of a run, drawn as lines that share their axes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from shared.datasets.report.pictures.svg import box, label, line, path, picture
from shared.training.diagnosis.curves import Curve

_WIDTH, _HEIGHT = 560.0, 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 14.0, 26.0, 38.0
_BASE = _HEIGHT - _BOTTOM
_TICKS = 5
_DOTS = 60
"""Of a curve with more points, the line alone is drawn."""
_DOT = 2.5


@dataclass(frozen=True, slots=True)
class Series:
    """A curve, its name, and the class of its colour."""

    name: str
    style: str
    curve: Curve


def lines(title: str, series: Sequence[Series], *, best_step: int | None) -> Markup:
    """A value upwards, optimizer steps to the right; `best_step` is marked. Needs one point."""
    drawn = [one for one in series if len(one.curve)]
    axes = _Axes(drawn, best_step)
    parts = [
        *_grid(axes),
        *_steps(axes),
        *(part for one in drawn for part in _curve(axes, one)),
        *_mark(axes, best_step),
    ]
    described = "; ".join(_in_words(one) for one in drawn)
    at = "" if best_step is None else f" The best step is {best_step:,}."
    return picture(_WIDTH, _HEIGHT, title, f"{described}.{at}", parts)


class _Axes:
    """From values to places."""

    def __init__(self, series: Sequence[Series], best_step: int | None) -> None:
        values = [value for one in series for value in one.curve.values]
        steps = [step for one in series for step in one.curve.steps]
        self.first, self.last = min(steps), max([*steps, best_step or 0])
        self.ticks = round_ticks(min(values), max(values))

    def x(self, step: int) -> float:
        share = (step - self.first) / max(1, self.last - self.first)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return _BASE - (value - low) / (high - low) * (_BASE - _TOP)


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers, two at least, of which the outer ones enclose both values."""
    span = high - low or abs(high) or 1.0
    rough = span / (_TICKS - 1)
    power = 10.0 ** floor(log10(rough))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= rough * 0.999)
    first, last = floor(low / step), ceil(high / step)
    return [place * step for place in range(first, max(last, first + 1) + 1)]


def _grid(axes: _Axes) -> Iterator[Markup]:
    for value in axes.ticks:
        y = axes.y(value)
        yield line("axis" if value == axes.ticks[0] else "grid", _LEFT, y, _WIDTH - _RIGHT, y)
        yield label("tick end", _LEFT - 6, y + 4, f"{value:.6g}")


def _steps(axes: _Axes) -> Iterator[Markup]:
    inner = [one for one in round_ticks(axes.first, axes.last) if axes.first <= one <= axes.last]
    for step in inner:
        if step == round(step):
            x = axes.x(round(step))
            anchor = "end" if x > _WIDTH - _RIGHT - 1 else "middle"
            yield line("axis", x, _BASE, x, _BASE + 4)
            yield label(f"tick {anchor}", x, _BASE + 16, f"{round(step):,}")
    yield label("tick end", _WIDTH - _RIGHT, _HEIGHT - 4, "optimizer steps")


def _curve(axes: _Axes, one: Series) -> Iterator[Markup]:
    places = [
        (axes.x(step), axes.y(value))
        for step, value in zip(one.curve.steps, one.curve.values, strict=True)
    ]
    yield path(f"outline {one.style}", places)
    if len(places) <= _DOTS:
        for (x, y), step, value in zip(places, one.curve.steps, one.curve.values, strict=True):
            tip = f"{one.name} at step {step:,}: {value:.4g}"
            yield box(one.style, x - _DOT, y - _DOT, 2 * _DOT, 2 * _DOT, tip=tip)


def _mark(axes: _Axes, best_step: int | None) -> Iterator[Markup]:
    if best_step is None:
        return
    x = axes.x(best_step)
    anchor = "end" if x > _WIDTH - 90 else "middle" if x > _LEFT + 60 else "start"
    yield line("marker", x, _TOP - 8, x, _BASE)
    yield label(f"note {anchor}", x, _TOP - 12, f"best: step {best_step:,}")


def _in_words(one: Series) -> str:
    values = one.curve.values
    return (
        f"{one.name}: {values[0]:.4g} at step {one.curve.steps[0]:,}, {values[-1]:.4g} at step "
        f"{one.curve.steps[-1]:,}, lowest {min(values):.4g}, highest {max(values):.4g}"
    )

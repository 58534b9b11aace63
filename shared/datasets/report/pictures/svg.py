"""Pieces of pictures. Colours are classes, so that the page's style sheet decides on them."""

from collections.abc import Iterable

from markupsafe import Markup

_PICTURE = Markup(
    '<svg class="picture" role="img" viewBox="0 0 {width} {height}"><title>{title}</title>'
    "<desc>{description}</desc>{parts}</svg>"
)
_BOX = Markup(
    '<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    "{opacity}>{tip}</rect>"
)
_LINE = Markup('<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
_LABEL = Markup('<text class="{style}" x="{x:.1f}" y="{y:.1f}">{text}</text>')
_PATH = Markup('<path class="{style}" d="{path}"/>')
_TIP = Markup("<title>{text}</title>")
_OPACITY = Markup(' fill-opacity="{opacity:.2f}"')


def picture(
    width: float, height: float, title: str, description: str, parts: Iterable[Markup]
) -> Markup:
    """`description` says in words what the picture shows."""
    return _PICTURE.format(
        width=width,
        height=height,
        title=title,
        description=description,
        parts=Markup("").join(parts),
    )


def box(  # noqa: PLR0913 - a rectangle
    style: str,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    tip: str = "",
    opacity: float | None = None,
) -> Markup:
    """A rectangle; `tip` is shown where the pointer rests."""
    return _BOX.format(
        style=style,
        x=x,
        y=y,
        width=width,
        height=height,
        tip=_TIP.format(text=tip) if tip else "",
        opacity="" if opacity is None else _OPACITY.format(opacity=opacity),
    )


def line(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return _LINE.format(style=style, x1=x1, y1=y1, x2=x2, y2=y2)


def label(style: str, x: float, y: float, text: str) -> Markup:
    return _LABEL.format(style=style, x=x, y=y, text=text)


def path(style: str, points: Iterable[tuple[float, float]]) -> Markup:
    """A line through the points."""
    drawn = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return _PATH.format(style=style, path=f"M{drawn}")

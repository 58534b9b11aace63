"""A run as a page for people: its curves as pictures, what they say, what it found beforehand.

One HTML file that needs nothing else: no script, no font, no address. It quotes no example. It is
made with MarkupSafe alone, which escapes what is put into its templates: the API makes it, and has
no template engine.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from shared.datasets import report as dataset_report
from shared.schemas.training import (
    Diagnosis,
    Preflight,
    TrainingPointAnswer,
    TrainingRunAnswer,
)
from shared.training.diagnosis.curves import (
    LEARNING_RATE,
    ROUGE,
    TRAIN_LOSS,
    VALIDATION_LOSS,
    curve_of,
)
from shared.training.report.lines import Series, lines

_PAGE = Markup(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n'
    "<style>\n{style}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
)
_HEAD = Markup('<header><p class="kind">Training run</p><h1>{title}</h1>{tiles}</header>')
_TILE = Markup("<div><dt>{name}</dt><dd>{value}</dd>{of}</div>")
_OF = Markup('<dd class="of">{of}</dd>')
_SECTION = Markup('<section aria-labelledby="{key}"><h2 id="{key}">{title}</h2>{body}</section>')
_FIGURE = Markup("<figure>{picture}<figcaption>{caption}</figcaption></figure>")
_LEGEND = Markup('<li><span class="swatch {style}"></span>{name}</li>')
_REMARK = Markup('<li class="{level}"><p>{text}</p></li>')
_ROW = Markup('<tr><th scope="row">{name}</th><td>{value}</td></tr>')
_STYLE = (
    ".outline.source { stroke: var(--source); } .outline.target { stroke: var(--target); }\n"
    ".swatch.source { background: var(--source); } .swatch.target { background: var(--target); }"
)
_GIB = 2**30
_LOSSES = (("training", "source", TRAIN_LOSS), ("validation", "target", VALIDATION_LOSS))
_ROUGES = (
    ("ROUGE-1", "c2", "rouge1"),
    ("ROUGE-2", "c3", "rouge2"),
    ("ROUGE-L", "target", ROUGE),
)
_RATES = (("learning rate", "source", LEARNING_RATE),)


def render_page(run: TrainingRunAnswer, points: Sequence[TrainingPointAnswer]) -> str:
    """One HTML file; what has not been measured yet is left out of it."""
    sections = (_said(run), _curves(run, points), _before(run.preflight), _settings(run))
    title = f"{run.note_type} on {run.dataset}"
    head = _HEAD.format(title=title, tiles=_tiles(run))
    body = Markup("\n").join([head, Markup("<main>"), *filter(None, sections), Markup("</main>")])
    return str(_PAGE.format(title=f"{title} · training run", style=_styles(), body=body))


def _tiles(run: TrainingRunAnswer) -> Markup:
    tiles = [
        _tile("status", run.status, f"{run.percentage_done or 0:.0f} % done"),
        _tile("base", run.base_model, f"{run.method}, seed {run.seed}"),
        _tile("best step", "-" if run.best_step is None else f"{run.best_step:,}"),
        _tile("model version", run.model_version or "-"),
    ]
    return Markup('<dl class="tiles">{tiles}</dl>').format(tiles=_joined(tiles))


def _tile(name: str, value: str, of: str = "") -> Markup:
    return _TILE.format(name=name, value=value, of=_OF.format(of=of) if of else "")


def _said(run: TrainingRunAnswer) -> Markup | None:
    """The diagnosis, or why there is none."""
    if run.error is not None:
        words = [run.error.message, *filter(None, [run.error.how_to_fix])]
        remarks = _joined(_REMARK.format(level="act", text=text) for text in words)
    elif run.diagnosis is not None:
        remarks = _joined(_diagnosed(run.diagnosis))
    else:
        return None
    return _section("diagnosis", "What the curves say", _list(remarks))


def _diagnosed(diagnosis: Diagnosis) -> Iterator[Markup]:
    good = diagnosis.verdict == "healthy"
    yield _REMARK.format(level="good" if good else "act", text=diagnosis.summary)
    for finding in diagnosis.findings:
        yield _REMARK.format(level="good" if good else "know", text=finding)


def _curves(run: TrainingRunAnswer, points: Sequence[TrainingPointAnswer]) -> Markup | None:
    wanted = (
        ("Loss", _LOSSES, "Cross-entropy a token, of training batches and of validation examples."),
        ("ROUGE", _ROUGES, "F1 in percent, of summaries generated for a validation sample."),
        ("Learning rate", _RATES, "After warm-up it falls as the schedule says."),
    )
    figures = [
        figure
        for title, measures, caption in wanted
        if (figure := _figure(title, measures, caption, run, points)) is not None
    ]
    if not figures:
        return None
    pair = Markup('<div class="pair">{figures}</div>').format(figures=_joined(figures))
    return _section("curves", "Curves", pair)


def _figure(
    title: str,
    measures: Sequence[tuple[str, str, str]],
    caption: str,
    run: TrainingRunAnswer,
    points: Sequence[TrainingPointAnswer],
) -> Markup | None:
    series = [
        Series(name, style, curve)
        for name, style, measure in measures
        if len(curve := curve_of(points, measure))
    ]
    if not series:
        return None
    legend = _joined(_LEGEND.format(style=one.style, name=one.name) for one in series)
    return _FIGURE.format(
        picture=lines(title, series, best_step=run.best_step),
        caption=Markup('{caption}<ul class="legend">{legend}</ul>').format(
            caption=caption, legend=legend
        ),
    )


def _before(preflight: Preflight | None) -> Markup | None:
    if preflight is None:
        return None
    forecast = preflight.forecast
    rows: dict[str, str] = {
        **{f"examples, {split}": f"{count:,}" for split, count in preflight.examples.items()},
        "sources cut off": f"{100 * preflight.source_cut:.1f} %",
        "targets cut off": f"{100 * preflight.target_cut:.1f} %",
        "tokens of a source": _percentiles(preflight.source_tokens),
        "tokens of a target": _percentiles(preflight.target_tokens),
        "memory forecast": f"{forecast.memory_bytes / _GIB:.1f} GiB of "
        f"{forecast.available_bytes / _GIB:.1f} GiB",
        "time forecast": f"{forecast.seconds / 60:.0f} min for {forecast.steps:,} steps",
    }
    advice = _joined(_REMARK.format(level="know", text=text) for text in preflight.advice)
    return _section("preflight", "Before the first step", _table(rows) + _list(advice))


def _percentiles(tokens: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in tokens.items())


def _settings(run: TrainingRunAnswer) -> Markup:
    """Every knob as it was used, by its usual name."""
    knobs = {name: _plain(value) for name, value in sorted(run.hyperparameters.items())}
    return _section("settings", "Hyperparameters", _table({**knobs, "seed": str(run.seed)}))


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value) or "-"
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _section(key: str, title: str, body: Markup) -> Markup:
    return _SECTION.format(key=key, title=title, body=body)


def _table(rows: Mapping[str, str]) -> Markup:
    filled = _joined(_ROW.format(name=name, value=value) for name, value in rows.items())
    return Markup("<table><tbody>{rows}</tbody></table>").format(rows=filled)


def _list(remarks: Markup) -> Markup:
    return (
        Markup('<ol class="remarks">{remarks}</ol>').format(remarks=remarks) if remarks else remarks
    )


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


@cache
def _styles() -> Markup:
    """The style sheet of all our pages, and what only this one has. Ours, so nothing to escape."""
    sheet = Path(str(dataset_report.__file__)).with_name("page.css").read_text()
    return Markup(sheet + _STYLE)  # noqa: S704

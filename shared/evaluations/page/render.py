"""The report as a page for people: one HTML file without script, font or address.

Written without a template engine, since the API renders it; `Markup.format` escapes every text.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from shared.datasets.report import pictures
from shared.evaluations.page.intervals import intervals, spoken
from shared.evaluations.remark import NAMES, written
from shared.schemas.evaluations import (
    METRICS,
    CandidateFigures,
    Case,
    EvaluationAnswer,
    Figures,
    Slice,
)

_PAGE = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title>'
    "<style>{style}</style></head><body><header>"
    '<p class="kind">Evaluation of {note_type}</p><h1>{title}</h1>{tiles}</header>'
    "<main>{body}</main></body></html>"
)
_TILE = Markup('<div><dt>{name}</dt><dd>{value}</dd><dd class="of">{of}</dd></div>')
_SECTION = Markup("<section><h2>{title}</h2>{body}</section>")
_TABLE = Markup(
    '<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
)
_HEAD = Markup('<th scope="col">{}</th>')
_FIRST = Markup('<th scope="row">{}</th>')
_CELL = Markup("<td>{}</td>")
_CASE = Markup(
    '<article class="passage"><p class="place">{place}</p><dl><dt>source</dt><dd>{source}</dd>'
    "<dt>reference</dt><dd>{reference}</dd><dt>summary</dt><dd>{summary}</dd></dl></article>"
)
_NONE = "\u2013"
_DRAWN = ("rouge1", "rouge2", "rougeL", "rougeLsum", "support", "numbers", "entities", "novelty")
_METHOD = (
    "A score is the mean over the same examples for all. ROUGE is F1 without stemming, Lsum by "
    "sentences. Support is the mean over the less supported half of a summary's sentences; number "
    "and entity faithfulness are the shares of summaries without a number, or a drug or problem, "
    "that the source lacks; novelty is the share of pairs of words that the source lacks; coverage "
    "the share of the source that was read. A document without a summary counts as an empty one, "
    "with nought in each. Intervals hold 95 % of 2,000 bootstrap draws, which are the same for "
    "all, so that differences are paired. Baselines: lead takes the source's first sentences, as "
    "many as training targets have; constant says one training target of everything; copy_nearest "
    "takes the target of the training example whose source is most alike."
)


def render_page(answer: EvaluationAnswer) -> str:
    """Also of an evaluation that is not ready: then it says how far it is."""
    title = f"{answer.dataset}, {answer.split}"
    body = [_progress(answer)] if answer.figures is None else _report(answer, answer.figures)
    return str(
        _PAGE.format(
            title=title,
            note_type=answer.note_type,
            style=_style(),
            tiles=_tiles(answer),
            body=_joined(body),
        )
    )


def _report(answer: EvaluationAnswer, figures: Figures) -> list[Markup]:
    first = answer.metric
    drawn = [first, *(metric for metric in _DRAWN if metric != first)]
    shown = [intervals(metric, figures.candidates) for metric in drawn]
    figure = Markup("<figure>{}<figcaption>{}</figcaption></figure>")
    pairs = _joined(
        figure.format(image, NAMES[metric]) for metric, image in zip(drawn, shown, strict=True)
    )
    sections = [
        _section("What the figures say", _listed(figures.remarks)),
        _section("Scores, with 95 % intervals", Markup('<div class="pair">{}</div>').format(pairs)),
        _section("All figures", _figures(figures.candidates)),
        _section("What it took, a document", _took(figures.candidates)),
    ]
    if figures.differences:
        sections.append(_section("Side by side, paired", _differences(figures)))
    if figures.leak_free_candidates:
        title = f"Leak-free: {figures.leak_free} of {figures.examples} examples"
        sections.append(_section(title, _figures(figures.leak_free_candidates)))
    if figures.slices:
        sections.append(_section(f"By part, {NAMES[first]}", _slices(figures.slices, first)))
    if answer.cases:
        sections.append(_section("Best and worst cases", _joined(map(_case, answer.cases))))
    sections.append(_section("How this was measured", Markup("<p>{}</p>").format(_METHOD)))
    return sections


def _progress(answer: EvaluationAnswer) -> Markup:
    said = f"It is {answer.status}."
    if answer.error is not None:
        said = " ".join(filter(None, (answer.error.message, answer.error.how_to_fix)))
    elif answer.step is not None:
        said = f"It is {answer.status}: {answer.step}, {answer.percentage_done or 0.0:.0f} %."
    return _section("Not ready", Markup("<p>{}</p>").format(said))


def _tiles(answer: EvaluationAnswer) -> Markup:
    production = answer.production or "the prompt"
    tiles = [_TILE.format(name="in production", value=production, of="when it began")]
    if answer.figures is not None:
        figures = answer.figures
        excluded = f"{figures.excluded:,} left out as learned"
        tiles = [
            _TILE.format(name="examples", value=f"{figures.examples:,}", of=excluded),
            _TILE.format(name="leak-free", value=f"{figures.leak_free:,}", of="of them"),
            *tiles,
        ]
    return Markup('<dl class="tiles">{}</dl>').format(_joined(tiles))


def _figures(candidates: Sequence[CandidateFigures]) -> Markup:
    rows = [
        [one.name, *(spoken(metric, one.scores[metric]) for metric in METRICS)]
        for one in candidates
    ]
    return _table(["", *(NAMES[metric] for metric in METRICS)], rows)


def _took(candidates: Sequence[CandidateFigures]) -> Markup:
    rows = [
        [
            one.name,
            ", ".join(f"{route} {count}" for route, count in sorted(one.routes.items())) or _NONE,
            str(one.failed),
            _or_dash(one.input_tokens, "{:.0f}"),
            _or_dash(one.output_tokens, "{:.0f}"),
            _or_dash(one.seconds, "{:.3f}"),
            _or_dash(one.memory_bytes and one.memory_bytes / 2**20, "{:,.0f}"),
        ]
        for one in candidates
        if one.role != "baseline"
    ]
    head = ["", "routes", "failed", "tokens read", "tokens written", "seconds", "worker's MiB"]
    return _table(head, rows)


def _differences(figures: Figures) -> Markup:
    rows = [
        [
            f"{one.candidate} less {one.beside}",
            NAMES[one.metric],
            spoken(one.metric, one.difference),
        ]
        for one in figures.differences
    ]
    return _table(["", "metric", "difference"], rows)


def _slices(slices: Sequence[Slice], metric: str) -> Markup:
    names = list(dict.fromkeys(one.candidate for one in slices))
    found = {(one.by, one.value, one.candidate): one for one in slices}
    parts = dict.fromkeys((one.by, one.value, one.examples) for one in slices)
    rows = [
        [
            f"{by.replace('_', ' ')}: {value} ({examples})",
            *(written(metric, found[by, value, name].scores[metric]) for name in names),
        ]
        for by, value, examples in parts
    ]
    return _table(["", *names], rows)


def _case(case: Case) -> Markup:
    place = f"{case.candidate} · {case.kind} · line {case.line} · {case.score:.1f}"
    return _CASE.format(
        place=place, source=case.source, reference=case.reference, summary=case.summary or _NONE
    )


def _listed(remarks: Sequence[str]) -> Markup:
    items = _joined(Markup("<li><p>{}</p></li>").format(one) for one in remarks)
    return Markup('<ol class="remarks">{}</ol>').format(items)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    lines = _joined(
        Markup("<tr>{}</tr>").format(_joined([_FIRST.format(row[0]), *map(_CELL.format, row[1:])]))
        for row in rows
    )
    return _TABLE.format(head=_joined(map(_HEAD.format, head)), rows=lines)


def _section(title: str, body: Markup) -> Markup:
    return _SECTION.format(title=title, body=body)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _or_dash(value: float | None, form: str) -> str:
    return _NONE if value is None else form.format(value)


@cache
def _style() -> Markup:
    """That of the datasets' reports: the two lie side by side."""
    page = Path(pictures.__file__).parent.parent / "page.css"
    return Markup(page.read_text(encoding="utf-8"))  # noqa: S704 - our own style sheet

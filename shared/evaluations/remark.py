"""What an evaluation's figures say, in words."""

from collections.abc import Iterator

from shared.schemas.evaluations import CandidateFigures, Difference, Figures

NAMES = {
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "rougeLsum": "ROUGE-Lsum",
    "support": "support",
    "numbers": "number faithfulness",
    "entities": "entity faithfulness",
    "coverage": "coverage",
    "novelty": "novelty",
    "words": "words",
}
"""Metrics as people call them."""
FAITHFULNESS = ("support", "numbers", "entities")
_FEW_EXAMPLES = 30
_COPIES = 0.03
"""Share of bigrams that the source lacks, below which a summary is made of passages of it."""
_FAR_LONGER, _FAR_SHORTER = 2.0, 0.5


def remark(figures: Figures, metric: str, *, reference_words: float) -> list[str]:
    """The most telling first. `metric`: what candidates are chosen by."""
    return [
        *_beside_production(figures, metric),
        *_faithfulness(figures),
        *_beside_baselines(figures, metric),
        *_made(figures),
        *_lengths(figures, reference_words),
        *_examples(figures),
    ]


def written(metric: str, value: float) -> str:
    """ROUGE in points, words as they are, shares in percent."""
    if metric.startswith("rouge"):
        return f"{value:.1f}"
    return f"{value:.0f}" if metric == "words" else f"{100 * value:.1f} %"


def _beside_production(figures: Figures, metric: str) -> Iterator[str]:
    production = _production(figures)
    for found in figures.differences:
        if found.metric != metric or found.beside != production:
            continue
        by = _difference(found)
        if found.difference.low > 0:
            yield f"{found.candidate} is better than {production} in {NAMES[metric]}, by {by}."
        elif found.difference.high < 0:
            yield f"{found.candidate} is worse than {production} in {NAMES[metric]}, by {by}."
        else:
            yield (
                f"{found.candidate} and {production} cannot be told apart in {NAMES[metric]}: the "
                f"difference is {by}."
            )


def _faithfulness(figures: Figures) -> Iterator[str]:
    production = _production(figures)
    for found in figures.differences:
        if found.metric not in FAITHFULNESS or found.beside != production:
            continue
        by = _difference(found)
        if found.difference.high < 0:
            yield f"Faithfulness fell: {NAMES[found.metric]} of {found.candidate} differs by {by}."
        elif found.difference.low > 0:
            yield f"Faithfulness rose: {NAMES[found.metric]} of {found.candidate} differs by {by}."


def _beside_baselines(figures: Figures, metric: str) -> Iterator[str]:
    baselines = {one.name for one in figures.candidates if one.role == "baseline"}
    for found in figures.differences:
        if found.beside in baselines and found.difference.low <= 0:
            yield (
                f"A baseline is not beaten: in {NAMES[metric]}, {found.candidate} differs from "
                f"{found.beside} by {_difference(found)}."
            )


def _made(figures: Figures) -> Iterator[str]:
    for one in figures.candidates:
        if one.role == "baseline":
            continue
        if one.failed:
            yield (
                f"{one.failed} of {one.examples} documents of {one.name} got no summary; they "
                "count as empty ones."
            )
        if len(one.routes) > 1:
            ways = ", ".join(f"{route} {count}" for route, count in sorted(one.routes.items()))
            yield f"Not all documents of {one.name} went one way: {ways}."
        elif one.name == "production" and "extractive" in one.routes:
            yield "No model serves production: all of its summaries are extracts."
        if one.scores["novelty"].value < _COPIES and "extractive" not in one.routes:
            yield (
                f"{one.name} copies: its novelty is near 0 "
                f"({written('novelty', one.scores['novelty'].value)} of its pairs of words do not "
                "stand in the source)."
            )


def _lengths(figures: Figures, reference_words: float) -> Iterator[str]:
    for one in figures.candidates:
        if one.role == "baseline" or not reference_words:
            continue
        times = one.scores["words"].value / reference_words
        if times >= _FAR_LONGER or times <= _FAR_SHORTER:
            much = "longer" if times > 1 else "shorter"
            yield (
                f"{one.name} is far {much} than the references: {one.scores['words'].value:.0f} "
                f"words beside {reference_words:.0f}."
            )


def _examples(figures: Figures) -> Iterator[str]:
    if figures.examples < _FEW_EXAMPLES:
        yield f"Only {figures.examples} examples: intervals of so few are wide, and unsure."
    if figures.excluded:
        yield (
            f"{figures.excluded} examples were left out, since a candidate, its base or its "
            "teacher has learned from their groups."
        )
    alike = figures.examples - figures.leak_free
    if alike:
        yield (
            f"{alike} of {figures.examples} examples are nearly like a text that a candidate has "
            "learned from; the leak-free figures are without them."
        )


def _production(figures: Figures) -> str | None:
    found: CandidateFigures | None = next(
        (one for one in figures.candidates if one.role == "production"), None
    )
    return None if found is None else found.name


def _difference(found: Difference) -> str:
    of, metric = found.difference, found.metric
    value, low, high = (written(metric, value) for value in (of.value, of.low, of.high))
    return f"{value} (95 % interval {low} to {high})"

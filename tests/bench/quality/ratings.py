"""Whether our support score puts summaries in the order in which people do.

The 400 human factuality ratings of MTS-Dialog (four systems, a hundred dialogues; Ben Abacha et al.
2023): Spearman with the factual F1, the hallucination rate and the omission rate, beside measures
that others use. Even ids are for development, odd ids are held out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.scoring.bootstrap import Estimate, bootstrap
from shared.scoring.content import content_precision
from shared.scoring.correlation import spearman
from shared.scoring.rouge import rouge
from shared.scoring.support import support
from shared.text.sentences import sentence_spans
from tests.bench.quality import minilm
from tests.bench.quality.data import records
from tests.bench.quality.tables import Row, markdown

OURS = "support"
SAMPLES = 1_000
RATINGS = ("FactualF1", "HallucinationRate", "OmissionRate")
_HALLUCINATION = "HallucinationRate"


@dataclass(frozen=True, slots=True)
class Rated:
    """A summary by a system, what people said of it, and what each measure says."""

    id: int
    ratings: dict[str, float]
    measures: dict[str, float]


def table(split: str) -> str:
    rated = _rated()
    parts = {"even ids (development)": [one for one in rated if one.id % 2 == 0]}
    if split != "train":
        parts |= {"odd ids": [one for one in rated if one.id % 2], "all": rated}
    return "\n".join(_part(name, part) for name, part in parts.items())


def _rated() -> list[Rated]:
    lines = list(records("mts_dialog", "human_factuality_scores_400"))
    cosines = minilm.cosines(
        [line["candidate"] for line in lines], [line["source"] for line in lines]
    )
    return [
        Rated(
            int(line["id"]),
            {name: float(line[name]) for name in RATINGS},
            _measures(line["source"], line["reference"], line["candidate"], cosine),
        )
        for line, cosine in zip(lines, cosines, strict=True)
    ]


def _measures(source: str, reference: str, summary: str, cosine: float) -> dict[str, float]:
    to_reference, to_source = rouge(summary, reference), rouge(summary, source)
    said, held = _sentences(summary), _sentences(source)
    return {
        OURS: support(source, summary),
        "ROUGE-1 against the reference": to_reference.rouge1,
        "ROUGE-L against the reference": to_reference.rouge_l,
        "ROUGE-1 against the source": to_source.rouge1,
        "ROUGE-L against the source": to_source.rouge_l,
        "MiniLM cosine with the source": cosine,
        "MiniLM cosine with the nearest sentences": minilm.nearest(said, held) if said else 0.0,
        "content-word precision": content_precision(summary, source),
    }


def _sentences(text: str) -> list[str]:
    return [span.of(text) for span in sentence_spans(text)]


def _part(name: str, rated: Sequence[Rated]) -> str:
    measures = list(rated[0].measures)
    lines = [
        f"Spearman with human ratings, {name}, n = {len(rated)}\n",
        "| measure | factual F1 | hallucination | omission |",
        "|---|---|---|---|",
    ]
    for measure in measures:
        found = [_correlation(measure, rating)(rated) for rating in RATINGS]
        lines.append(f"| {measure} | " + " | ".join(f"{value:+.3f}" for value in found) + " |")
    ahead = [_ahead(measure, rated) for measure in measures if measure != OURS]
    return "\n".join(lines) + f"\n\nAhead on hallucination, {name}\n\n{markdown(ahead)}"


def _ahead(measure: str, rated: Sequence[Rated]) -> Row:
    """How much more strongly our score falls where hallucination rises."""
    ours, theirs = _correlation(OURS, _HALLUCINATION), _correlation(measure, _HALLUCINATION)
    found: Estimate = bootstrap(rated, lambda drawn: theirs(drawn) - ours(drawn), samples=SAMPLES)
    measured = f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] (n = {len(rated)})"
    return Row(f"than {measure}", "> 0", measured, met=found.value > 0)


def _correlation(measure: str, rating: str) -> Callable[[Sequence[Rated]], float]:
    return lambda drawn: spearman(
        [one.measures[measure] for one in drawn], [one.ratings[rating] for one in drawn]
    )

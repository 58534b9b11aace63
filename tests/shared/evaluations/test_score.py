"""One summary beside its source and reference, and the baselines beside it."""

from uuid import uuid4

import pytest

from shared.evaluations.compare import Comparison
from shared.evaluations.imitate import imitate
from shared.evaluations.pick import Extremes
from shared.evaluations.read import Made, Sample
from shared.evaluations.remark import remark
from shared.evaluations.score import EMPTY, Scorer
from shared.evaluations.slice import cut
from shared.evaluations.study import TrainingExamples
from shared.schemas.evaluations import METRICS

SOURCE = (
    "He fell on the stairs and has had pain of the left wrist for 3 days. "
    "The wrist is swollen. He takes ibuprofen 400 mg. We agreed on a splint."
)
REFERENCE = "Pain of the left wrist for 3 days after a fall; splint."


def scored(summary: str) -> dict[str, float]:
    scores = Scorer(SOURCE, REFERENCE).score(summary, coverage=0.5)
    return dict(zip(METRICS, scores, strict=True))


def test_a_summary_that_invents_is_told_from_one_that_does_not() -> None:
    true = scored("Pain of the left wrist for 3 days. He takes ibuprofen 400 mg.")
    false = scored("Pain of the left wrist for 9 weeks. He takes warfarin 5 mg.")
    assert (true["numbers"], true["entities"]) == (1.0, 1.0)
    assert (false["numbers"], false["entities"]) == (0.0, 0.0)
    assert false["support"] < true["support"]
    assert false["rougeL"] < true["rougeL"]
    assert true["novelty"] < 0.2 < false["novelty"]
    assert true["coverage"] == 0.5
    assert scored(" ") == dict(zip(METRICS, EMPTY, strict=True))
    assert scored(REFERENCE)["rougeLsum"] == pytest.approx(100.0)


def test_baselines_know_no_more_than_the_training_examples() -> None:
    learned, other = uuid4(), uuid4()
    training = TrainingExamples([learned])
    training.observe(learned, 1, SOURCE, "A swollen wrist. A splint.")
    training.observe(other, 7, "An itchy rash of both arms since a walk in the woods.", "Rash.")
    training.observe(other, 8, "A cough at night and a runny nose for two weeks.", "Rash.")
    assert training.lead == 1
    assert training.frequent() == (other, 7)
    near = training.nearest("An itchy rash of both arms since a walk in spring.")
    assert near is not None
    assert near.place == (other, 7)
    assert training.leaks(SOURCE.replace("swollen", "red"))
    assert not training.leaks("A cough at night and a runny nose for two weeks.")
    made = imitate(SOURCE, sentences=training.lead, constant="Rash.", nearest=None)
    assert made["lead"].text == SOURCE[: SOURCE.index(".") + 1]
    assert 0 < made["lead"].coverage < 0.6
    assert list(made) == ["lead", "constant"]


def test_remarks_name_what_a_reader_must_not_miss() -> None:
    comparison = Comparison(
        {"models:/visit/1": "candidate", "production": "production", "lead": "baseline"}
    )
    for line in range(1, 41):
        sample = Sample(line, "visit", f"{SOURCE} Number {line} of the day.", REFERENCE)
        scorer = Scorer(sample.source, sample.reference)
        says = {
            "models:/visit/1": "He fell 999 times and takes warfarin.",
            "production": "He fell on the stairs and has had pain of the left wrist for 3 days.",
            "lead": SOURCE,
        }
        scores = {name: scorer.score(text, coverage=1.0) for name, text in says.items()}
        comparison.tallies["models:/visit/1"].count(
            Made(says["models:/visit/1"], "fine_tuned", 1.0, 10, 5, 0.5) if line > 4 else None
        )
        comparison.tallies["production"].count(Made("", "prompt", 1.0, 10, 5, 0.5))
        comparison.add(sample, scores, leaks=False)
    figures = comparison.figures("rougeL", excluded=3)
    said = "\n".join(remark(figures, "rougeL", reference_words=comparison.reference_words))
    for part in (
        "models:/visit/1 is worse than production in ROUGE-L",
        "Faithfulness fell: number faithfulness of models:/visit/1 differs by -100.0 %",
        "A baseline is not beaten: in ROUGE-L, models:/visit/1",
        "production copies: its novelty is near 0",
        "4 of 40 documents of models:/visit/1 got no summary",
        "3 examples were left out",
    ):
        assert part in said
    candidate = figures.candidates[0]
    assert (candidate.failed, candidate.seconds, candidate.input_tokens) == (4, 0.5, 10.0)


def test_small_parts_are_taken_together() -> None:
    sites = ["north"] * 6 + ["south"] * 5 + ["a hut"]
    labels = [{"note_type": "visit", "time": "", "site": site} for site in sites]
    parts = {(part.by, part.value): part.places for part in cut([10] * 12, labels)}
    assert parts == {
        ("site", "north"): [*range(6)],
        ("site", "south"): [*range(6, 11)],
        ("site", "others"): [11],
    }
    months = [
        {"note_type": "visit", "time": f"2024-0{1 + n % 2}-09", "site": ""} for n in range(12)
    ]
    assert {(p.by, p.value) for p in cut([*range(12)], months)} == {
        ("time", "2024-01"),
        ("time", "2024-02"),
    }


def test_the_best_and_the_worst_are_kept() -> None:
    extremes = Extremes()
    for line in range(1, 21):
        extremes.observe("prompt", line, float(line % 10))
    assert [(case.kind, case.line) for case in extremes.picked("prompt")] == [
        ("best", 9),
        ("best", 19),
        ("best", 8),
        ("worst", 10),
        ("worst", 20),
        ("worst", 1),
    ]

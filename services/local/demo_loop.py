"""The loop of the demonstration: prompt → train → promote → fine-tuned.

Forty invented questions of patients train a small adapter; what a model this small learns from so
few is the form of an answer, which is enough to see the loop at work.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from services.client.cli.compare_view import evaluation_view, follow_evaluation
from services.client.cli.output import err
from services.client.cli.progress import follow
from services.client.cli.run_progress import follow_run
from services.client.datasets import Provenance
from services.client.errors import ApiError, EpicrisisClientError
from services.client.example_files import Examples
from services.client.http import Epicrisis
from shared.schemas.batches import BatchParameters
from shared.schemas.registry import ProductionAnswer, PromoteRequest
from shared.schemas.summaries import SummaryAnswer
from shared.schemas.training import TrainingRequest, TrainingRunAnswer

Done = TypeVar("Done")
NOTE_TYPE = "question"
DATASET = "questions"
_NDJSON = "application/x-ndjson"
_QUESTIONS = 4
_REASON = "It learned the form of our answers."
_SETTINGS = {"num_train_epochs": 3, "eval_steps": 5, "validation_sample": 0}


@dataclass(frozen=True, slots=True)
class Loop:
    """What came of it; `before` and `after` are of the same questions, in one order."""

    run: TrainingRunAnswer
    production: ProductionAnswer
    overridden: bool
    questions: Sequence[str]
    references: Sequence[str]
    before: Sequence[SummaryAnswer]
    after: Sequence[SummaryAnswer]
    seconds: dict[str, float]


def run_loop(client: Epicrisis, samples: Path) -> Loop:
    """Raises EpicrisisClientError when a step does not come to its end."""
    clock = _Clock()
    rows = [json.loads(line) for line in samples.read_text("utf-8").splitlines()]
    held_out = [row for row in rows if row["split"] == "test"][:_QUESTIONS]
    questions = [row["source"] for row in held_out]
    before = clock.timed("ask the prompt", lambda: _summarize(client, questions))
    clock.timed("add the dataset", lambda: _add_dataset(client, samples.read_bytes()))
    run = clock.timed("train", lambda: _train(client))
    clock.timed("evaluate", lambda: _evaluated(client, run))
    production, overridden = _promote(client, run)
    after = clock.timed("ask the trained model", lambda: _summarize(client, questions))
    return Loop(
        run=run,
        production=production,
        overridden=overridden,
        questions=questions,
        references=[row["target"] for row in held_out],
        before=before,
        after=after,
        seconds=clock.seconds,
    )


def show_loop(console: Console, loop: Loop) -> None:
    """Each question with its summary before and after."""
    table = Table(title="The same questions, before and after", title_justify="left")
    for heading in ("asked", "before", "after", "a clinician's"):
        table.add_column(heading, ratio=1, overflow="fold")
    rows = zip(loop.questions, loop.before, loop.after, loop.references, strict=True)
    for question, before, after, reference in rows:
        table.add_row(question, _said(before), _said(after), reference, end_section=True)
    console.print(table)
    if loop.overridden:
        console.print(
            "[yellow]The gate refused it, and it was promoted with `override`: "
            "what a demonstration may do.[/]"
        )


def loop_as_json(loop: Loop) -> dict[str, object]:
    return {
        "run": loop.run.model_dump(mode="json"),
        "production": loop.production.model_dump(mode="json"),
        "overridden": loop.overridden,
        "before": [each.model_dump(mode="json") for each in loop.before],
        "after": [each.model_dump(mode="json") for each in loop.after],
    }


def _said(summary: SummaryAnswer) -> str:
    made = summary.produced_by
    return f"{summary.text}\n[dim]{made.route}  {made.model_version or ''}[/]"


def _summarize(client: Epicrisis, texts: Sequence[str]) -> list[SummaryAnswer]:
    rows = [{"custom_id": f"question-{n}", "text": text} for n, text in enumerate(texts, 1)]
    body = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    batch = client.submit(body, _NDJSON, parameters=BatchParameters(note_type=NOTE_TYPE))
    (batch,) = follow(client, [batch.id])
    by_id = {line.custom_id: line.summary for line in client.results(batch.id)}
    summaries = [by_id.get(row["custom_id"]) for row in rows]
    if any(summary is None for summary in summaries):
        raise EpicrisisClientError("A question got no summary.", code="demo_failed")
    return [summary for summary in summaries if summary is not None]


def _add_dataset(client: Epicrisis, rows: bytes) -> None:
    provenance = Provenance(
        note_type=NOTE_TYPE,
        origin="written for Epicrisis",
        licence="Apache-2.0",
        permitted_use="training",
        holds_patient_data=False,
    )
    added = client.add_dataset(DATASET, Examples(rows, _NDJSON, None, None), provenance)
    *_, version = client.watch_dataset(DATASET, added.number)
    if version.error is not None:
        raise EpicrisisClientError(version.error.message, code=version.error.code)
    kept = version.counts.kept
    err.print(f"[green]✓[/] {version.name}: {kept} examples, curated and split by group")


def _train(client: Epicrisis) -> TrainingRunAnswer:
    request = TrainingRequest.model_validate(
        {"note_type": NOTE_TYPE, "dataset": DATASET, "hyperparameters": _SETTINGS}
    )
    run = follow_run(client, client.train(request).id)
    if run.model_version is None:
        message = run.error.message if run.error else f"The run is {run.status}."
        raise EpicrisisClientError(message, code=run.error.code if run.error else "demo_failed")
    err.print(f"[green]✓[/] {run.model_version} of {run.base_model} by {run.method}")
    if run.diagnosis:
        err.print(f"  {run.diagnosis.summary}")
    return run


def _evaluated(client: Epicrisis, run: TrainingRunAnswer) -> None:
    if run.evaluation is None:
        raise EpicrisisClientError("The run has no evaluation.", code="demo_failed")
    err.print(evaluation_view(follow_evaluation(client.watch_evaluation(run.evaluation))))


def _promote(client: Epicrisis, run: TrainingRunAnswer) -> tuple[ProductionAnswer, bool]:
    """By the gate if it lets it pass, else over its head, and says which."""
    number = int(str(run.model_version).rpartition("/")[2])
    request = PromoteRequest(version=number, reason=_REASON)
    try:
        return client.model_registry.promote(NOTE_TYPE, request), False
    except ApiError as error:
        if error.code != "gate_not_passed":
            raise
    over = request.model_copy(update={"override": True})
    return client.model_registry.promote(NOTE_TYPE, over), True


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, act: Callable[[], Done]) -> Done:
        began = monotonic()
        done = act()
        self.seconds[name] = monotonic() - began
        return done

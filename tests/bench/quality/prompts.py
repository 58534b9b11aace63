"""The shipped prompts beside the naive one, and what examples in a prompt do: `prompts compare`.

Everything runs as in production: datasets are added, versions written and evaluated over HTTP. The
model is EPICRISIS_PROMPT_MODEL, else the packaged SmolLM2.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.client.datasets import Examples, Provenance
from services.client.http import Epicrisis
from services.local.running import running
from shared.prompts.shipped import load_shipped
from shared.schemas.evaluations import (
    CandidateFigures,
    Difference,
    Estimate,
    EvaluationAnswer,
    EvaluationRequest,
)
from shared.schemas.prompts import PromptExamples, PromptRequest
from tests.bench.quality.data import Pair, pairs, records
from tests.bench.quality.errors import Missing

_TRAIN, _LIMIT, _SHOWN_LIMIT = 300, 60, 100
_SPECIALTIES = {
    "operative": "Surgery",
    "radiology": "Radiology",
    "consultation": "Consult - History and Phy.",
    "progress": "SOAP / Chart / Progress Notes",
}
"""MTSamples' names of kinds of notes; its references are one-line descriptions."""
_SHOWN_TO = ("visit", "question")
_WAYS = (("nearest", 1), ("nearest", 3), ("random", 1), ("random", 3))
_METRICS = (("rougeL", ".1f"), ("support", ".2f"))
_NAIVE = {"user": "Summarize:\n\n{{ note }}", "message": "naive"}


_HEAD = (
    "| note type | n | metric | naive | shipped | shipped - naive | |",
    "|---|--:|---|--:|--:|---|---|",
)
_SHOWN_HEAD = (
    "| note type | n | examples | ROUGE-L | beside none | support | beside none | tokens in | s |",
    "|---|--:|---|--:|---|--:|---|--:|--:|",
)


def table(split: str) -> str:
    del split  # training splits are what examples are drawn from
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home), workers=len(os.sched_getaffinity(0))) as ready,
        Epicrisis(ready.api_url, ready.admin_key) as client,
    ):
        beside = [_beside_naive(client, name) for name in ("visit", "question", *_SPECIALTIES)]
        shown = [line for name in _SHOWN_TO for line in _with_examples(client, name)]
    return "\n".join(
        [
            "The shipped prompt beside “Summarize:”, mean and bootstrap 95 % interval",
            "",
            *_HEAD,
            *(line for lines in beside for line in lines),
            "",
            "Examples from the training split in the shipped prompt",
            "",
            *_SHOWN_HEAD,
            *shown,
            "",
        ]
    )


def _beside_naive(client: Epicrisis, name: str) -> Sequence[str]:
    _add_dataset(client, name)
    naive = client.add_prompt(name, PromptRequest.model_validate(_NAIVE)).name
    found = _evaluated(client, name, [naive], _LIMIT)
    theirs, ours = _candidate(found, naive), _candidate(found, "production")
    lines = []
    for metric, form in _METRICS:
        # The report's difference is of the candidate, the naive one, less production.
        turned = _turned(_difference(found, naive, metric))
        figures = f"{theirs.scores[metric].value:{form}} | {ours.scores[metric].value:{form}}"
        said = "met" if turned.low > 0 else "short"
        lines.append(
            f"| {name} | {ours.examples} | {metric} | {figures} | {_shown(turned, form)} | {said} |"
        )
    return lines


def _with_examples(client: Epicrisis, name: str) -> Iterator[str]:
    content = load_shipped(name).content
    ways = {}
    for choice, count in _WAYS:
        examples = PromptExamples(dataset=f"{name}@1", count=count, choice=choice)
        members = content.model_dump() | {"examples": examples.model_dump()}
        request = PromptRequest.model_validate(members | {"message": f"{count} {choice}"})
        ways[client.add_prompt(name, request).name] = f"{count} {choice}"
    found = _evaluated(client, name, list(ways), _SHOWN_LIMIT)
    yield _line(name, "none", _candidate(found, "production"), None)
    for version, said in ways.items():
        yield _line(name, said, _candidate(found, version), (found, version))


def _line(
    name: str, said: str, one: CandidateFigures, beside: tuple[EvaluationAnswer, str] | None
) -> str:
    cells = []
    for metric, form in _METRICS:
        cells.append(f"{one.scores[metric].value:{form}}")
        cells.append("" if beside is None else _shown(_difference(*beside, metric), form))
    taken = f"{one.input_tokens or 0:,.0f} | {one.seconds or 0:.2f}"
    return f"| {name} | {one.examples} | {said} | {' | '.join(cells)} | {taken} |"


def _add_dataset(client: Epicrisis, name: str) -> None:
    rows = [
        {"source": pair.source, "target": pair.target, "group_id": pair.id, "split": split}
        for split, some in _splits(name)
        for pair in some
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    provenance = Provenance(note_type=name, origin="public", permitted_use="training")
    client.add_dataset(name, Examples(content, "application/x-ndjson", None, None), provenance)
    *_, last = client.watch_dataset(name, 1)
    if last.status != "ready":
        raise Missing(f"The dataset {name} did not become ready.")


def _splits(name: str) -> Iterator[tuple[str, Sequence[Pair]]]:
    if name == "visit":
        yield "train", pairs("mts_dialog", "train")[:_TRAIN]
        yield "test", pairs("mts_dialog", "test1")[:_SHOWN_LIMIT]
    elif name == "question":
        questions = pairs("meqsum", "meqsum_1000")
        yield "train", questions[:_TRAIN]
        yield "test", questions[_TRAIN : _TRAIN + _SHOWN_LIMIT]
    else:
        yield "train", _of_specialty(name, "train")[:_TRAIN]
        yield "test", [*_of_specialty(name, "test"), *_of_specialty(name, "validation")][:_LIMIT]


def _of_specialty(name: str, split: str) -> list[Pair]:
    ids = {
        record["id"]
        for record in records("mtsamples", split)
        if _SPECIALTIES[name] in record["specialties"]
    }
    return [pair for pair in pairs("mtsamples", split) if pair.id in ids]


def _evaluated(
    client: Epicrisis, name: str, candidates: Sequence[str], limit: int
) -> EvaluationAnswer:
    request = {"note_type": name, "candidates": candidates, "dataset": f"{name}@1", "limit": limit}
    asked = client.evaluate(EvaluationRequest.model_validate(request))
    *_, answer = client.watch_evaluation(asked.id)
    if answer.figures is None:
        raise Missing(f"The evaluation of {name} failed: {answer.error}.")
    return answer


def _candidate(found: EvaluationAnswer, name: str) -> CandidateFigures:
    assert found.figures is not None
    if name == "production":
        return next(one for one in found.figures.candidates if one.role == "production")
    return next(one for one in found.figures.candidates if one.name == name)


def _difference(found: EvaluationAnswer, candidate: str, metric: str) -> Estimate:
    """Beside production."""
    assert found.figures is not None
    production = _candidate(found, "production").name
    one: Difference = next(
        each
        for each in found.figures.differences
        if (each.candidate, each.beside, each.metric) == (candidate, production, metric)
    )
    return one.difference


def _turned(one: Estimate) -> Estimate:
    return Estimate(value=-one.value, low=-one.high, high=-one.low)


def _shown(one: Estimate, form: str) -> str:
    return f"{one.value:+{form}} ({one.low:+{form}} to {one.high:+{form}})"

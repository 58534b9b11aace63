"""The life of an evaluation in a real ledger: its documents go the ordinary way, then it is scored.

The extractive route needs no model, so nothing is loaded.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select, text

from shared.config import EngineSettings, LedgerSettings
from shared.datasets.add import Provenance, add_rows, begin_version, submit_version
from shared.datasets.records import Row
from shared.documents.queries import SummaryFilter, list_summaries
from shared.evaluations.delete import delete_evaluation
from shared.evaluations.queries import answers_of, find_evaluation, read_cases
from shared.evaluations.submit import submit_evaluation
from shared.ids import public_id
from shared.retention.erase_subject import erase_subject
from shared.reviews.next import offer_next
from shared.schemas.datasets import Recipe, Split
from shared.schemas.evaluations import EvaluationAnswer, EvaluationRequest, Figures
from shared.tables import Batch, Document, Evaluation
from tests.factories.registry import add_model_version, manifest
from tests.fakes import EchoEngine, versions
from tests.fixtures.ledger import Ledger
from workers.background.evaluation import Evaluations
from workers.presence import Presence
from workers.summarization.model import prompt_model
from workers.summarization.pipeline import Pipeline
from workers.summarization.tasks import Drain

ABOUT = Provenance("visit", "written for the test", None, "evaluation", holds_patient_data=False)
PLACES = ("left ankle", "right wrist", "lower back", "left knee", "neck", "right hip", "scalp")
CAUSES = ("a fall on ice", "lifting a crate", "a long run", "a bicycle crash", "sleeping badly")
ADVICE = ("ice and rest", "a bandage", "ibuprofen 400 mg", "physiotherapy", "a softer pillow")


@dataclass
class House:
    """The workers that an evaluation meets."""

    ledger: Ledger
    drain: Drain
    evaluations: Evaluations

    def dataset(self, name: str, split: Split = "test", count: int = 24, first: int = 0) -> UUID:
        vault = self.ledger.opened()
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            version = begin_version(session, vault.tenant, name, ABOUT, Recipe())
            rows = [_row(number, split) for number in range(first, first + count)]
            add_rows(session, vault, version, ABOUT, rows)
            submit_version(session, version)
        with self.ledger.owner.transaction() as session:
            # As if curation had kept every row.
            session.execute(text("UPDATE dataset_members SET decision='keep', split=asked_split"))
            session.execute(text("UPDATE dataset_versions SET status = 'ready'"))
        return version

    def submit(self, *candidates: str, **given: object) -> UUID:
        body = {"note_type": "visit", "candidates": candidates, "dataset": "visits@1", **given}
        request = EvaluationRequest.model_validate(body)
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            return submit_evaluation(session, self.ledger.tenant, request).id

    def settle(self) -> None:
        """Until nothing is left to do, without waiting for the pauses."""
        for _ in range(3):
            self.evaluations.run()
            self.drain.run()
            with self.ledger.owner.transaction() as session:
                session.execute(text("UPDATE evaluations SET not_before = now()"))
        self.evaluations.run()

    def answer(self, evaluation: UUID) -> EvaluationAnswer:
        vault = self.ledger.opened()
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            row = find_evaluation(session, public_id("eval", evaluation))
            return answers_of(session, [row], cases=read_cases(vault, row))[0]

    def figures(self, evaluation: UUID) -> Figures:
        answer = self.answer(evaluation)
        assert answer.figures is not None, answer.error
        return answer.figures


def _row(number: int, split: Split) -> Row:
    place, cause = PLACES[number % len(PLACES)], CAUSES[number % len(CAUSES)]
    advice = ADVICE[number // len(PLACES) % len(ADVICE)]
    source = (
        f"Visit {number} in spring. The person has had pain of the {place} since {cause}. "
        f"Bends and turns it with some trouble. We agreed on {advice}. "
        f"Comes again in {number + 2} days. The weather was fine and the waiting room full."
    )
    return Row(
        number + 1,
        source,
        f"Pain of the {place} since {cause}; {advice}. Return in {number + 2} days.",
        group_id=f"person-{number}",
        metadata={"site": "north" if number % 2 else "south", "date": f"202{number % 2}-05-01"},
        split=split,
    )


@pytest.fixture
def house(ledger: Ledger) -> Iterator[House]:
    settings, stopping = LedgerSettings(), threading.Event()
    with ExitStack() as stack:
        summarizer = stack.enter_context(Presence(ledger.worker, "summarization", settings))
        background = stack.enter_context(Presence(ledger.worker, "background", settings))
        model = prompt_model(EngineSettings(), summarizer, 900.0, lambda _: None)
        pipeline = Pipeline(
            model, versions(summarizer, {"models:/visit/1": EchoEngine()}), settings
        )
        shared = ledger.worker, ledger.vault, background, settings, stopping
        yield House(
            ledger,
            Drain(ledger.worker, ledger.vault, summarizer, pipeline, settings, stopping),
            Evaluations(*shared, first=lambda: None),
        )


def test_candidates_stand_side_by_side_with_baselines(house: House) -> None:
    house.dataset("visits")
    evaluation = house.submit("extractive", "prompt", limit=20)
    house.settle()
    answer, figures = house.answer(evaluation), house.figures(evaluation)
    assert (answer.status, answer.production, figures.examples) == ("ready", None, 20)
    by_name = {one.name: one for one in figures.candidates}
    assert list(by_name) == ["extractive", "prompt", "production", "lead"]
    extractive, prompt, production = (by_name[name] for name in list(by_name)[:3])
    assert extractive.routes == production.routes == {"extractive": 20}
    assert extractive.scores == production.scores
    assert extractive.scores["numbers"].value == 1.0
    assert extractive.scores["novelty"].value < 0.2
    rouge = extractive.scores["rougeL"]
    assert 20 < rouge.low <= rouge.value <= rouge.high < 100
    assert rouge.low < rouge.high
    assert extractive.seconds is not None
    # Nobody serves prompts here: its documents fail and count as empty summaries.
    assert (prompt.failed, prompt.scores["rougeL"].value, prompt.routes) == (20, 0.0, {})
    assert any("20 of 20 documents of prompt" in said for said in figures.remarks)
    differences = {
        (one.candidate, one.beside, one.metric): one.difference for one in figures.differences
    }
    assert differences["extractive", "production", "support"].value == 0.0
    assert differences["extractive", "prompt", "support"].value == 1.0
    assert differences["prompt", "production", "rougeL"].high < 0
    parts = {(one.by, one.value) for one in figures.slices}
    assert parts >= {("site", "north"), ("site", "south"), ("time", "2020"), ("time", "2021")}
    assert answer.cases is not None
    assert {case.kind for case in answer.cases} == {"best", "worst"}
    assert all(case.reference.startswith("Pain of the") for case in answer.cases)


def test_its_documents_are_nobodys_to_review_and_in_no_list(house: House) -> None:
    house.dataset("visits", count=6)
    house.submit("extractive")
    house.settle()
    vault = house.ledger.opened()
    with house.ledger.api.transaction(house.ledger.tenant) as session:
        assert offer_next(session, vault, "random") is None
        listed = list_summaries(session, vault, SummaryFilter(), after=None, limit=10)
    assert listed.data == []


def test_groups_that_a_candidate_learned_from_are_left_out_and_its_baselines_learn(
    house: House,
) -> None:
    house.dataset("visits", count=24)
    seen = house.dataset("seen", "train", count=12, first=18)
    with house.ledger.owner.transaction() as session:
        session.execute(text("UPDATE dataset_members SET permitted_use = 'training'"))
    made_for = manifest(template="{note}").model_dump(mode="json")
    add_model_version(house.ledger, 1, seen, manifest=made_for)
    evaluation = house.submit("models:/visit/1")
    house.settle()
    figures = house.figures(evaluation)
    assert (figures.examples, figures.excluded) == (18, 6)
    roles = {one.name: one.role for one in figures.candidates}
    assert roles == {
        "models:/visit/1": "candidate",
        "production": "production",
        "lead": "baseline",
        "copy_nearest": "baseline",
        "constant": "baseline",
    }
    by_name = {one.name: one.scores["rougeL"].value for one in figures.candidates}
    assert by_name["copy_nearest"] >= by_name["constant"] > 0
    assert by_name["models:/visit/1"] > 0
    made = next(one for one in figures.candidates if one.role == "candidate")
    assert made.routes == {"fine_tuned": 18}
    assert made.output_tokens
    assert made.seconds is not None
    assert made.memory_bytes


def test_what_is_deleted_in_the_middle_leaves_nothing(house: House) -> None:
    house.dataset("visits", count=6)
    evaluation = house.submit("extractive")
    house.evaluations.run()
    with house.ledger.api.transaction(house.ledger.tenant) as session:
        delete_evaluation(session, session.get_one(Evaluation, evaluation))
    house.settle()
    with house.ledger.owner.transaction() as session:
        assert session.scalars(select(Batch.id)).all() == []
        assert session.scalars(select(Document.id)).all() == []


def test_a_patients_erasure_takes_copies_and_cases(house: House) -> None:
    house.dataset("visits", count=6)
    evaluation = house.submit("extractive")
    house.settle()
    vault = house.ledger.opened()
    with house.ledger.api.transaction(house.ledger.tenant) as session:
        erased = erase_subject(session, vault, "person-3").erasure
    assert (erased.documents, erased.examples) == (0, 1)
    assert house.answer(evaluation).cases is None
    with house.ledger.owner.transaction() as session:
        assert len(session.scalars(select(Document.id)).all()) == 10

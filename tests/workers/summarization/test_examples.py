"""The examples that a prompt shows, from the ledger to the model and back to the explanation."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.access.tenants import open_vault
from shared.datasets.records import Row
from shared.documents.explain import explain
from shared.ids import parse_id
from shared.intake.records import Record
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.add import add_prompt
from shared.schemas.explanations import Explanation
from shared.schemas.prompts import PromptRequest
from tests.factories.training import ready_dataset
from tests.fakes import EchoEngine
from tests.fixtures.ledger import Ledger
from tests.workers.summarization.test_drain import working

NOTE = "Cough and fever for two weeks in a smoker. Crackles over the left base were heard."
COPY = "Cough and fever for two weeks in a smoker. Crackles over the left base were heard!"
ROWS = [
    Row(line=1, source="Knee pain after a fall from a horse.", target="Knee pain."),
    Row(line=2, source="Fever and cough for a week in a baker.", target="Cough."),
    Row(line=3, source=COPY, target="A copy."),
    Row(line=4, source="Cough, fever and crackles of a smoker.", target="Held out."),
    Row(line=5, source="Cough with fever, crackles; a smoker.", target="Own.", group_id="p1"),
    Row(line=6, source="Two weeks of cough, and crackles.", target="Crackles."),
]
SPLITS = ("train", "train", "train", "validation", "train", "train")
PROMPT = {"system": "Be brief.", "user": "{{ note }}", "prefix": "She"}


@pytest.fixture
def engine() -> EchoEngine:
    return EchoEngine()


@pytest.fixture
def dataset(ledger: Ledger) -> UUID:
    return ready_dataset(ledger, splits=SPLITS, rows=ROWS)


def tried(ledger: Ledger, engine: EchoEngine, **examples: object) -> Explanation:
    """Of the note, by a prompt that shows so many examples."""
    asked = {"dataset": "visits@1", "count": 1, **examples}
    request = PromptRequest.model_validate(PROMPT | {"examples": asked})
    with ledger.api.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        number = add_prompt(session, vault, NOTE_TYPES["visit"], request, "key_1").number
    batch = ledger.submit_records(
        Record(line=1, text=NOTE, subject="p1"),
        note_type="visit",
        prompt_version=f"prompts:/visit/{number}",
    )
    with working(ledger, engine) as drain:
        drain.run()
    (result,) = ledger.results(batch)
    assert result.summary is not None
    return explained(ledger, result.summary.id)


def explained(ledger: Ledger, summary: str) -> Explanation:
    with ledger.api.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        return explain(session, vault, parse_id("sum", summary))


def shown(chat: Sequence[tuple[str, str]]) -> list[str]:
    """The summaries of the examples, in order."""
    return [content for role, content in chat if role == "assistant"]


@pytest.mark.usefixtures("dataset")
def test_the_nearest_come_last_and_none_is_the_patients_own(
    ledger: Ledger, engine: EchoEngine
) -> None:
    tried(ledger, engine, count=8)
    # Neither the copy, nor what is held out, nor another note of the same patient.
    assert shown(engine.chats[-1]) == ["Knee pain.", "Cough.", "Crackles."]


@pytest.mark.usefixtures("dataset")
def test_what_the_model_was_given_can_be_told_again_word_for_word(
    ledger: Ledger, engine: EchoEngine
) -> None:
    found = tried(ledger, engine, count=2)
    (part,) = found.parts
    assert part.examples == [2, 6]
    assert tuple((turn.role, turn.content) for turn in part.prompt) == engine.chats[-1]
    with ledger.owner.transaction() as session:
        erased = "UPDATE examples SET erased_at = now() FROM dataset_members m"
        session.execute(text(f"{erased} WHERE m.example_id = examples.id AND m.line = 2"))
    assert explained(ledger, found.summary_id).parts[0].prompt == []


@pytest.mark.usefixtures("dataset")
def test_those_by_chance_are_the_same_for_the_same_text(ledger: Ledger, engine: EchoEngine) -> None:
    lines = [tried(ledger, engine, count=2, choice="random").parts[0].examples for _ in range(2)]
    assert lines[0] == lines[1]
    assert set(lines[0]) < {1, 2, 6}


@pytest.mark.usefixtures("dataset")
def test_examples_leave_room_for_the_note(ledger: Ledger) -> None:
    # The note has 15 words, and with everything around it two examples would not fit.
    narrow = EchoEngine(window=135)
    tried(ledger, narrow, count=3)
    assert shown(narrow.chats[-1]) == ["Crackles."]

"""Rows without a target get one from a batch of ordinary documents, and nothing doubtful."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.access.tenants import open_vault
from shared.batches.cancel import cancel_batch
from shared.config import LedgerSettings
from shared.datasets.add import Provenance, add_rows, begin_version, submit_version
from shared.datasets.derive import derive_version
from shared.datasets.queries import answer_of, find_version, read_decisions
from shared.datasets.records import Row
from shared.documents.complete import Summarized, complete
from shared.documents.ledger import Claim
from shared.errors import InvalidInput
from shared.schemas.datasets import DatasetVersionAnswer, DecisionLine, DeriveRequest, Recipe
from shared.schemas.summaries import Issue, ProducedBy, Quality, Sentence, SummaryBody, Usage
from tests.fixtures.ledger import Ledger
from workers.background.curation import Curation
from workers.presence import Presence

ABOUT = Provenance("visit", "written for the test", None, "training", holds_patient_data=False)
LABELLED = Row(1, "Came with a sprained ankle after football.", "Sprained ankle.", split="train")
WAITING = (
    "Gout in the right big toe; a strict diet was advised.",
    "An itchy rash on both forearms, treated with a mild ointment.",
    "Heartburn after heavy meals, so supper shall be smaller.",
    "Migraine with aura twice a month, better in a dark room.",
)
PROMPT = "prompts:/visit/1"


@pytest.fixture
def curation(ledger: Ledger) -> Iterator[Curation]:
    settings = LedgerSettings()
    with Presence(ledger.worker, "background", settings) as presence:
        yield Curation(
            ledger.worker, ledger.vault, presence, settings, threading.Event(), first=lambda: None
        )


@pytest.fixture
def unlabelled(ledger: Ledger, curation: Curation) -> None:
    """`visits@1`: a row with a target, four without in train, one in test, one not for training."""
    rows = [
        LABELLED,
        *(Row(line, source, split="train") for line, source in enumerate(WAITING, start=2)),
        Row(6, "A cough that went by itself after two weeks at home.", split="test"),
        Row(7, "Ear ache since Tuesday.", split="train", permitted_use="evaluation"),
    ]
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        version = begin_version(session, ledger.tenant, "visits", ABOUT, Recipe())
        add_rows(session, vault, version, ABOUT, rows)
        submit_version(session, version)
    curation.run()
    assert show(ledger, 1).status == "ready"


def derive(ledger: Ledger, share: float = 1.0, model: str = PROMPT) -> None:
    augment = [{"operator": "pseudo_labels", "share": share, "model": model}]
    asked = DeriveRequest.model_validate({"from": "visits@1", "augment": augment})
    with ledger.api.transaction(ledger.tenant) as session:
        derive_version(session, ledger.tenant, "visits", asked)


def show(ledger: Ledger, number: int) -> DatasetVersionAnswer:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        return answer_of(vault, "visits", find_version(session, "visits", number), None)


def made(ledger: Ledger, number: int) -> list[DecisionLine]:
    with ledger.api.transaction(ledger.tenant) as session:
        version = find_version(session, "visits", number).id
        found = read_decisions(session, version, after=0, limit=100)
    return [one for one in found if one.kind == "pseudo_labelled"]


def after_the_pause(ledger: Ledger, curation: Curation) -> None:
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE dataset_versions SET not_before = now()"))
    curation.run()


def batches(ledger: Ledger) -> list[UUID]:
    with ledger.owner.transaction() as session:
        return list(session.scalars(text("SELECT id FROM batches")))


def write(ledger: Ledger, claim: Claim, *sentences: Sentence) -> None:
    with ledger.worker.transaction(claim.tenant) as session:
        result = Summarized(
            claim,
            SummaryBody(
                text=" ".join(one.text for one in sentences),
                sentences=list(sentences),
                quality=Quality(coverage=1.0, unsupported_sentences=0, number_mismatches=0),
            ),
            ProducedBy(
                route="prompt", reason="requested", model_version="m", prompt_version=PROMPT
            ),
            Usage(input_tokens=1, output_tokens=1),
        )
        vault = open_vault(session, ledger.vault, claim.tenant)
        assert complete(session, vault, [result]) == 1


def sound(words: str = "As it was told.") -> Sentence:
    return Sentence(text=words, supported=True, support=0.9)


@pytest.mark.usefixtures("unlabelled")
def test_rows_without_a_target_are_summarized_once_and_what_passes_is_trained_on(
    curation: Curation, ledger: Ledger
) -> None:
    derive(ledger)
    curation.run()
    assert show(ledger, 2).status == "queued"
    claims = ledger.claim()
    asked = {(one.note_type, one.asked_prompt_version, one.fallback) for one in claims}
    assert (len(claims), asked) == (4, {("visit", PROMPT, "none")})
    after_the_pause(ledger, curation)
    assert (show(ledger, 2).status, len(batches(ledger))) == ("queued", 1)
    doubted = Issue(check="negation_mismatch", text="told", start=0, end=4)
    write(ledger, claims[0], sound("First."), sound("Second."))
    write(ledger, claims[1], sound(), sound().model_copy(update={"supported": False}))
    write(ledger, claims[2], sound().model_copy(update={"issues": [doubted]}))
    ledger.fail(claims[3])
    after_the_pause(ledger, curation)
    version = show(ledger, 2)
    assert (version.status, version.error) == ("ready", None)
    [label] = made(ledger, 2)
    assert (version.counts.pseudo_labelled, version.recipe.steps["pseudo_labels"]) == (1, 1)
    assert (label.split, label.decision, label.line) == ("train", "keep", 8)
    assert label.parent_line in {2, 3, 4, 5}
    with ledger.owner.transaction() as session:
        row = session.execute(
            text(
                "SELECT e.id, e.source_sealed, e.target_sealed, m.made_by, "
                "p.group_mac = m.group_mac "
                "FROM dataset_members m JOIN examples e ON e.id = m.example_id "
                "JOIN dataset_members p ON p.version_id = m.version_id AND p.line = m.parent_line "
                "WHERE m.kind = 'pseudo_labelled'"
            )
        ).one()
    vault = ledger.opened()
    assert vault.open(row[1], row=row[0], field="source") == WAITING[label.parent_line - 2]
    assert vault.open(row[2], row=row[0], field="target") == "First. Second."
    with ledger.owner.transaction() as session:
        offered = set(session.scalars(text("SELECT review_state FROM summaries")))
    assert tuple(row[3:]) == (PROMPT, True)
    assert offered == {"excluded"}


@pytest.mark.usefixtures("unlabelled")
def test_the_share_bounds_what_is_asked_for_and_what_is_taken(
    curation: Curation, ledger: Ledger
) -> None:
    derive(ledger, share=0.2)
    curation.run()
    claims = ledger.claim()
    assert len(claims) == 2
    for claim in claims:
        write(ledger, claim, sound())
    after_the_pause(ledger, curation)
    assert show(ledger, 2).counts.pseudo_labelled == 1


@pytest.mark.usefixtures("unlabelled")
def test_another_version_of_it_has_no_labels_but_its_own(
    curation: Curation, ledger: Ledger
) -> None:
    derive(ledger)
    curation.run()
    for claim in ledger.claim():
        write(ledger, claim, sound())
    after_the_pause(ledger, curation)
    assert len(made(ledger, 2)) == 4
    with ledger.api.transaction(ledger.tenant) as session:
        asked = DeriveRequest.model_validate({"from": "visits@2"})
        derive_version(session, ledger.tenant, "visits", asked)
    curation.run()
    assert (show(ledger, 3).status, made(ledger, 3)) == ("ready", [])


@pytest.mark.usefixtures("unlabelled")
@pytest.mark.parametrize(
    ("how", "code"), [("fail", "labels_failed"), ("cancel", "labels_cancelled")]
)
def test_a_version_whose_labels_will_not_come_says_why(
    curation: Curation, ledger: Ledger, how: str, code: str
) -> None:
    derive(ledger)
    curation.run()
    if how == "fail":
        ledger.fail(*ledger.claim())
    else:
        with ledger.api.transaction(ledger.tenant) as session:
            cancel_batch(session, batches(ledger)[0])
    after_the_pause(ledger, curation)
    error = show(ledger, 2).error
    assert error is not None
    assert error.code == code
    assert how == "cancel" or "broken" in error.message


def test_nothing_to_label_is_said(curation: Curation, ledger: Ledger) -> None:
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        version = begin_version(session, ledger.tenant, "visits", ABOUT, Recipe())
        add_rows(session, vault, version, ABOUT, [LABELLED])
        submit_version(session, version)
    curation.run()
    derive(ledger)
    curation.run()
    version_error = show(ledger, 2).error
    assert version_error is not None
    assert version_error.code == "nothing_to_label"


@pytest.mark.usefixtures("unlabelled")
@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("models:/visit/7", "unknown_model_version"),
        ("prompts:/visit/99", "unknown_prompt_version"),
    ],
)
def test_who_is_to_write_has_to_be_there(ledger: Ledger, model: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        derive(ledger, model=model)
    assert (refused.value.error_code, refused.value.param) == (code, "augment.0.model")

"""A recall: what a withdrawn version wrote says so, and is written again."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text

from shared.access.tenants import open_vault
from shared.documents.complete import complete
from shared.documents.explain import explain
from shared.documents.ledger import Claim
from shared.documents.queries import SummaryFilter, list_summaries
from shared.documents.reuse import find_reusable
from shared.ids import parse_id
from shared.intake.records import Record
from shared.registry.kinds import MODELS
from shared.registry.redo import redo_summaries
from shared.registry.withdraw import withdraw
from shared.schemas.registry import ProductionAnswer
from shared.schemas.summaries import ProducedBy
from shared.tables import Document, DocumentContent
from tests.factories.registry import add_dataset_version, add_model_version
from tests.fixtures.ledger import Ledger, summarized

NAME = "models:/visit/1"
MADE = ProducedBy(route="fine_tuned", reason="production_model", model_version=NAME)
NOTE = Record(1, "Knee pain.", custom_id="a", subject="Patient/1", note_type="visit")


@pytest.fixture(autouse=True)
def version(ledger: Ledger) -> UUID:
    return add_model_version(ledger, 1, add_dataset_version(ledger))


def finish(ledger: Ledger, claims: list[Claim], made: ProducedBy = MADE) -> None:
    with ledger.worker.transaction(ledger.tenant) as session:
        vault = open_vault(session, ledger.vault, ledger.tenant)
        done = [replace(summarized(one, "It hurts."), produced_by=made) for one in claims]
        assert complete(session, vault, done) == len(claims)


def recall(ledger: Ledger) -> ProductionAnswer:
    with ledger.api.transaction(ledger.tenant) as session:
        return withdraw(
            session,
            MODELS,
            tenant=ledger.tenant,
            note_type="visit",
            version=1,
            reason="it invents",
            actor="key_1",
        )


def redo(ledger: Ledger) -> UUID | None:
    with ledger.api.transaction(ledger.tenant) as session:
        return redo_summaries(session, open_vault(session, ledger.vault, ledger.tenant), NAME)


def test_its_summaries_say_so_wherever_they_are_read(ledger: Ledger) -> None:
    batch = ledger.submit_records(NOTE, replace(NOTE, line=2, custom_id="b"))
    mine, other = ledger.claim()
    finish(ledger, [mine])
    finish(ledger, [other], ProducedBy(route="extractive", reason="no_prompt_model"))
    assert recall(ledger).summaries_withdrawn == 1
    lines = {line.document_id: line.summary for line in ledger.results(batch)}
    marked, plain = lines[f"doc_{mine.document.hex}"], lines[f"doc_{other.document.hex}"]
    assert marked is not None
    assert plain is not None
    assert marked.withdrawn_at is not None
    assert marked.warnings == ["model_withdrawn"]
    assert (plain.withdrawn_at, plain.warnings) == (None, [])
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        wanted = SummaryFilter(model_version=NAME)
        (listed,) = list_summaries(session, vault, wanted, after=None, limit=9).data
        explained = explain(session, vault, parse_id("sum", marked.id))
    assert listed.withdrawn_at == explained.withdrawn_at == marked.withdrawn_at
    assert explained.warnings == ["model_withdrawn"]


def test_what_it_wrote_is_written_again_once_and_the_two_point_at_each_other(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.registry.redo._PAGE", 1)
    batch = ledger.submit_records(
        *(replace(NOTE, line=line, custom_id=f"n{line}") for line in (1, 2, 3)), fallback="prompt"
    )
    finish(ledger, ledger.claim())
    recall(ledger)
    again = redo(ledger)
    assert again is not None
    assert redo(ledger) is None
    assert ledger.batch(again).request_counts.total == 3
    assert ledger.batch(again).metadata == {"redo_of": NAME}
    with ledger.api.transaction(ledger.tenant) as session:
        rows = session.execute(
            select(Document.fallback, Document.subject_mac.is_not(None)).where(
                Document.batch_id == again
            )
        ).all()
    assert set(rows) == {("prompt", True)}
    ledger.complete(*ledger.claim(), words="The knee hurts.")
    old = {line.custom_id: line.summary for line in ledger.results(batch)}
    new = {line.custom_id: line.summary for line in ledger.results(again)}
    assert set(old) == set(new) == {"n1", "n2", "n3"}
    for custom_id, made in new.items():
        before = old[custom_id]
        assert made is not None
        assert before is not None
        assert (made.replaces, before.superseded_by) == (before.id, made.id)
        assert (made.withdrawn_at, made.text) == (None, "The knee hurts.")


def test_all_that_came_with_a_document_comes_with_it_again(ledger: Ledger) -> None:
    vault = ledger.opened()
    old = replace(NOTE, custom_id="old")
    given = {"metadata": {"site": "ward-7"}, "replaces": ("old",), "warnings": ("preliminary",)}
    batch = ledger.submit_records(replace(NOTE, line=2, **given))
    finish(ledger, ledger.claim())
    # The note that it replaces comes later, and its summary stays: another route made it.
    earlier = ledger.submit_records(old)
    ledger.complete(*ledger.claim())
    recall(ledger)
    again = redo(ledger)
    assert again is not None
    ledger.complete(*ledger.claim())
    with ledger.api.transaction(ledger.tenant) as session:
        row, sealed = session.execute(
            select(Document.id, DocumentContent.metadata_sealed)
            .join(DocumentContent, DocumentContent.document_id == Document.id)
            .where(Document.batch_id == again)
        ).one()
    assert json.loads(vault.open(sealed, row=row, field="metadata")) == given["metadata"]
    [first], [replaced], [new] = (
        [line.summary for line in ledger.results(one)] for one in (batch, earlier, again)
    )
    assert first is not None
    assert replaced is not None
    assert new is not None
    assert new.warnings == ["preliminary"]
    assert (first.replaces, replaced.superseded_by) == (replaced.id, new.id)
    assert (new.replaces, first.superseded_by) == (first.id, new.id)


def test_texts_that_are_not_kept_and_notes_that_were_withdrawn_are_left_out(
    ledger: Ledger,
) -> None:
    ledger.submit_records(NOTE)
    finish(ledger, ledger.claim())
    recall(ledger)
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET withdrawn_at = now()"))
    assert redo(ledger) is None
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET withdrawn_at = NULL, purpose = 'evaluation'"))
    assert redo(ledger) is None
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET purpose = 'summary'"))
        session.execute(text("UPDATE batches SET results_expire_at = now()"))
    assert redo(ledger) is None
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE batches SET results_expire_at = NULL"))
    assert redo(ledger) is not None


def test_what_it_wrote_is_not_used_again(ledger: Ledger) -> None:
    def reusable() -> int:
        with ledger.worker.transaction(ledger.tenant) as session:
            vault = open_vault(session, ledger.vault, ledger.tenant)
            return len(find_reusable(session, vault, claims, {c.document: MADE for c in claims}))

    ledger.submit_records(NOTE)
    finish(ledger, ledger.claim())
    ledger.submit_records(NOTE, reuse="same_version")
    claims = ledger.claim()
    assert reusable() == 1
    recall(ledger)
    assert reusable() == 0

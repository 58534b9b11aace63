"""The background worker's loop over a real ledger, with the real process that reads."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from shared.config import ExtractionSettings, IntakeSettings, LedgerSettings
from shared.documents.queries import get_text
from shared.intake.records import Attachment, Record
from tests.fixtures.attachments import PDF, encrypted_pdf, make_pdf
from tests.fixtures.ledger import Ledger
from workers.background.extraction import Extractor, ExtractorDied
from workers.background.tasks import Drain
from workers.presence import Presence


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(ExtractionSettings(), IntakeSettings()) as started:
        yield started


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def drain(ledger: Ledger, extractor: Extractor, stopping: threading.Event) -> Iterator[Drain]:
    settings = LedgerSettings()
    with Presence(ledger.worker, "background", settings) as presence:
        yield Drain(ledger.worker, ledger.vault, presence, extractor, settings, stopping)


def notes(*attachments: bytes, media_type: str = PDF) -> list[Record]:
    return [
        Record(line, attachment=Attachment(media_type, data), custom_id=f"n-{line}")
        for line, data in enumerate(attachments, start=1)
    ]


def test_it_reads_until_nothing_waits(drain: Drain, ledger: Ledger) -> None:
    pages = [make_pdf([f"Note {n}."]) for n in range(20)]
    html = Record(21, attachment=Attachment("text/html", b"<p>Note 20.</p>"))
    ledger.submit_records(*notes(*pages), html)
    drain.run()
    claims = ledger.claim()
    vault = ledger.opened()
    with ledger.api.transaction(ledger.tenant) as session:
        texts = {get_text(session, vault, claim.document) for claim in claims}
    assert texts == {f"Note {n}." for n in range(21)}


def test_what_gives_no_text_is_rejected_with_what_to_do(drain: Drain, ledger: Ledger) -> None:
    batch = ledger.submit_records(
        *notes(encrypted_pdf("secret"), make_pdf([]), b"broken", make_pdf(["A note."]))
    )
    drain.run()
    errors = {r.custom_id: r.error for r in ledger.results(batch) if r.error}
    assert {name: error.code for name, error in errors.items()} == {
        "n-1": "attachment_encrypted",
        "n-2": "attachment_without_text",
        "n-3": "invalid_attachment",
    }
    assert all("Send" in error.message or "send" in error.message for error in errors.values())
    assert len(ledger.claim()) == 1


def test_a_destroyed_key_fails_its_tenants_documents_alone(drain: Drain, ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    batch = ledger.submit_records(*notes(make_pdf(["One."]), make_pdf(["Two."])))
    ledger.submit_records(*notes(make_pdf(["Three."])), tenant=other)
    with ledger.owner.transaction() as session:
        session.execute(
            text("DELETE FROM data_keys WHERE tenant_id = :tenant"), {"tenant": ledger.tenant}
        )
    drain.run()
    with ledger.owner.transaction() as session:
        rows = session.execute(
            text("SELECT status, error_code FROM documents WHERE batch_id = :batch"),
            {"batch": batch},
        ).all()
    assert [tuple(row) for row in rows] == [("failed", "data_key_destroyed")] * 2
    assert [claim.tenant for claim in ledger.claim()] == [other]


def test_bytes_that_do_not_open_harm_no_neighbour(drain: Drain, ledger: Ledger) -> None:
    batch = ledger.submit_records(*notes(make_pdf(["One."]), make_pdf(["Two."])))
    damage = (
        "UPDATE document_contents SET attachment_sealed = 'x' WHERE document_id = "
        "(SELECT id FROM documents WHERE line = 1)"
    )
    with ledger.owner.transaction() as session:
        session.execute(text(damage))
    drain.run()
    assert [r.error.code for r in ledger.results(batch) if r.error] == ["unreadable"]
    assert len(ledger.claim()) == 1


def test_told_to_stop_it_gives_the_rest_back(
    drain: Drain,
    ledger: Ledger,
    extractor: Extractor,
    stopping: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = ledger.submit_records(*notes(*(make_pdf([f"Note {n}."]) for n in range(5))))
    extract = extractor.extract

    def stop_after_this(media_type: str, data: bytes) -> object:
        stopping.set()
        return extract(media_type, data)

    monkeypatch.setattr(extractor, "extract", stop_after_this)
    drain.run()
    counts = ledger.batch(batch).request_counts
    assert (counts.queued, counts.running) == (5, 0)
    assert len(ledger.claim()) == 1
    monkeypatch.undo()
    stopping.clear()
    drain.run()
    assert len(ledger.claim()) == 4


def test_a_reader_that_dies_is_tried_again_and_not_for_ever(
    drain: Drain, ledger: Ledger, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ledger.submit_records(*notes(make_pdf(["A note."])))

    def die(*_: object) -> None:
        raise ExtractorDied

    monkeypatch.setattr(extractor, "extract", die)
    for attempts in (1, 2, None):
        drain.run()
        with ledger.owner.transaction() as session:
            left = session.scalar(
                text(
                    "UPDATE documents SET not_before = now() WHERE status = 'queued' "
                    "RETURNING attempts"
                )
            )
        assert left == attempts
    assert [r.error.code for r in ledger.results(batch) if r.error] == ["attachment_too_complex"]

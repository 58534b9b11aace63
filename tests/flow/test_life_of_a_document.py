"""The table in the README, row by row, with the real SmolLM2."""

from pathlib import Path

import psycopg
import pytest

from services.client.submit import Accepted, submit_paths
from services.client.wait import wait_until_done
from shared.schemas.batches import BatchParameters
from shared.schemas.summaries import SummaryAnswer
from tests.flow.conftest import Flow

pytestmark = pytest.mark.flow
SAMPLES = Path(__file__).parents[2] / "samples" / "documents"
NOTE = (
    "CHIEF COMPLAINT: Cough.\n\n"
    "Ms. Quillfeather is a 54-year-old woman with asthma who has coughed for 3 days. "
    "She has no fever. Lungs: wheezing on the left. SpO2 95% on room air.\n\n"
    "ASSESSMENT AND PLAN: Asthma exacerbation. Prednisone 40 mg daily for 5 days, "
    "albuterol as needed. Return if she gets worse."
)


def test_one_document_from_door_to_door(real: Flow) -> None:
    summary = real.client.summarize(NOTE, note_type="visit", wait=60)
    assert isinstance(summary, SummaryAnswer)
    assert summary.text
    assert summary.produced_by.route == "prompt"
    assert summary.produced_by.reason == "no_fine_tuned_model"
    assert summary.produced_by.prompt_version == "prompts:/visit/1"
    assert summary.produced_by.model_version is not None
    assert "demonstration_model" in summary.warnings
    assert summary.quality.coverage == 1.0
    assert summary.usage.input_tokens > summary.usage.output_tokens > 0
    assert real.client.summary(summary.id) == summary


def test_a_batch_with_a_bad_record_and_a_long_note(real: Flow) -> None:
    paths = [SAMPLES / "notes", SAMPLES / "clinic.ndjson"]
    told = submit_paths(real.client, paths, BatchParameters())
    batches = [each.batch.id for each in told if isinstance(each, Accepted)]
    done = wait_until_done(real.client, batches)
    assert sum(batch.request_counts.completed for batch in done) == 22
    assert sum(batch.request_counts.rejected for batch in done) == 1
    lines = {line.custom_id: line for batch in batches for line in real.client.results(batch)}
    bad = lines.pop("larkfield-2026-0006")
    assert bad.error is not None
    assert (bad.error.code, bad.error.line) == ("text_missing", 6)
    for line in lines.values():
        assert line.summary is not None
        source = real.client.document_text(line.document_id)
        for sentence in line.summary.sentences:
            assert sentence.text in line.summary.text
            for evidence in sentence.evidence:
                assert source[evidence.start : evidence.end].strip()
    (long,) = (line for name, line in lines.items() if "long_stay" in name)
    assert long.summary is not None
    assert long.summary.quality.coverage == 1.0
    assert long.summary.usage.input_tokens > 5_000


def test_no_word_of_a_document_leaves_its_sealed_columns(real: Flow) -> None:
    real.client.summarize(NOTE, note_type="visit", custom_id="Quillfeather-1", wait=60)
    for log in (real.home / "logs").iterdir():
        assert "Quillfeather" not in log.read_text(), log.name
    with psycopg.connect(real.started.database_url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            for (row,) in rows:
                assert "Quillfeather" not in row, table
                assert b"Quillfeather".hex() not in row, table

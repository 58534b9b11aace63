"""The documents of `make demo`, read as a submission would read them."""

import base64
import hashlib
import json
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from shared.config import IntakeSettings
from shared.intake.read import read_records
from shared.intake.records import Outcome, Record, Rejected

FOLDER = Path(__file__).parents[2] / "samples"
SAMPLES = FOLDER / "documents"
QUESTIONS = FOLDER / "datasets" / "questions.ndjson"
NOTES = sorted(SAMPLES.glob("notes/*.txt"))
CLINIC = SAMPLES / "clinic.ndjson"
HOSPITAL = SAMPLES / "hospital.fhir.ndjson"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file())


def outcomes(path: Path, content_type: str) -> list[Outcome]:
    intake = read_records([path.read_bytes()], content_type=content_type, limits=IntakeSettings())
    return list(intake.records)


def clinic() -> list[Outcome]:
    return outcomes(CLINIC, "application/x-ndjson")


def hospital() -> list[Outcome]:
    return outcomes(HOSPITAL, "application/fhir+ndjson")


def notes() -> list[Outcome]:
    return list(chain.from_iterable(outcomes(path, "text/plain") for path in NOTES))


def resources() -> list[dict[str, Any]]:
    return [json.loads(line) for line in HOSPITAL.read_text(encoding="utf-8").splitlines()]


def test_every_file_would_be_submitted_as_documents() -> None:
    assert set(FILES) == {*NOTES, CLINIC, HOSPITAL}


def test_counts() -> None:
    assert [len(notes()), len(clinic()), len(hospital())] == [8, 15, 8]


def test_exactly_one_record_is_bad_and_has_good_neighbours() -> None:
    bad = [
        (outcome.custom_id, outcome.line, outcome.error.error_code)
        for outcome in chain(notes(), clinic(), hospital())
        if isinstance(outcome, Rejected)
    ]
    assert bad == [("larkfield-2026-0006", 6, "text_missing")]
    assert all(isinstance(outcome, Record) for outcome in clinic()[:5] + clinic()[6:])


def test_custom_ids_are_unique() -> None:
    ids = [outcome.custom_id for outcome in chain(clinic(), hospital())]
    assert None not in ids
    assert len(set(ids)) == 23


def test_texts_are_distinct_and_of_many_lengths() -> None:
    texts = [o.text for o in chain(notes(), clinic(), hospital()) if isinstance(o, Record)]
    words = sorted(len(text.split()) for text in texts)
    assert len(set(texts)) == 30
    assert words[0] <= 60
    assert words[-2] < 3_000 <= words[-1]
    assert any(not text.isascii() for text in texts)


def test_the_long_stay_is_the_long_one() -> None:
    text = (SAMPLES / "notes" / "discharge_long_stay.txt").read_text(encoding="utf-8")
    assert len(text.split()) >= 3_000


def test_note_types_are_varied_and_known() -> None:
    named = {record.note_type for record in clinic() if isinstance(record, Record)}
    coded = [record.note_type_from_code for record in hospital() if isinstance(record, Record)]
    assert named == {"visit", "progress", "question", "radiology", "history_physical", "discharge"}
    assert None not in coded
    assert len(set(coded)) == 7


def test_hospital_has_one_superseded_and_one_preliminary_document() -> None:
    warnings = chain.from_iterable(r.warnings for r in hospital() if isinstance(r, Record))
    assert sorted(warnings) == ["preliminary", "superseded"]


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource["id"])
def test_resources_are_complete(resource: dict[str, Any]) -> None:
    attachment = resource["content"][0]["attachment"]
    data = base64.b64decode(attachment["data"], validate=True)
    digest = hashlib.sha1(data, usedforsecurity=False).digest()  # FHIR R4 says SHA-1
    assert attachment["contentType"] == "text/plain; charset=utf-8"
    assert attachment["size"] == len(data)
    assert base64.b64decode(attachment["hash"]) == digest
    assert resource["type"]["coding"][0]["system"] == "http://loinc.org"
    assert resource["subject"]["reference"].startswith("Patient/")
    assert datetime.fromisoformat(resource["date"]).tzinfo is not None


def test_what_replaces_a_document_names_the_superseded_one() -> None:
    superseded = [r["id"] for r in resources() if r["status"] == "superseded"]
    replaced = [
        relation["target"]["reference"]
        for resource in resources()
        for relation in resource.get("relatesTo", [])
    ]
    assert replaced == [f"DocumentReference/{name}" for name in superseded]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_utf8_with_unix_line_ends(path: Path) -> None:
    text = path.read_bytes().decode()
    assert "\r" not in text
    assert not text.startswith("\N{BYTE ORDER MARK}")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_the_examples_to_train_on_are_whole_and_of_one_split_each() -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert [row["split"] for row in rows] == ["train"] * 40 + ["validation"] * 8 + ["test"] * 8
    assert len({row["source"] for row in rows}) == len({row["group_id"] for row in rows}) == 56
    assert all(row["target"].endswith("?") for row in rows)

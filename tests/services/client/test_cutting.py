import errno
import gzip
import io
import json
import os
from pathlib import Path

import pytest

from services.client.cutting import Cutter
from services.client.input_files import Skipped
from services.client.parts import Bounds, Part
from shared.config import IntakeSettings
from shared.intake.read import read_records
from shared.intake.records import Outcome, Rejected

CUTTER = Cutter(b"s" * 32, Bounds(documents=100, size=100_000, record=5_000))
FHIR = {"resourceType": "DocumentReference", "id": "d1"}


def content(part: Part) -> bytes:
    data = part.content if isinstance(part.content, bytes) else b"".join(part.content)
    return gzip.decompress(data) if part.encoding == "gzip" else data


def kind_of(outcome: Outcome) -> str | None:
    if isinstance(outcome, Rejected):
        return outcome.error.error_code
    return outcome.attachment and outcome.attachment.media_type


def cut(*paths: Path) -> tuple[list[Part], list[Skipped]]:
    found = list(CUTTER.paths(paths))
    return (
        [each for each in found if isinstance(each, Part)],
        [each for each in found if isinstance(each, Skipped)],
    )


def test_texts_share_a_part_under_their_relative_names(tmp_path: Path) -> None:
    (tmp_path / "ward" / ".git").mkdir(parents=True)
    (tmp_path / "b.txt").write_bytes("Größe\r\nok".encode())
    (tmp_path / "ward" / "a.MD").write_text("second")
    (tmp_path / "ward" / ".git" / "x.txt").write_text("hidden")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"packed"))
    [part], skipped = cut(tmp_path)
    records = [json.loads(line) for line in content(part).splitlines()]
    assert records == [
        {"custom_id": "b.txt", "text": "Größe\r\nok"},
        {"custom_id": "c.txt.gz", "text": "packed"},
        {"custom_id": "ward/a.MD", "text": "second"},
    ]
    assert (part.documents, part.content_type) == (3, "application/x-ndjson")
    assert not skipped


def test_names_stay_apart_when_folders_are_given_together(tmp_path: Path) -> None:
    for ward in ("one", "two"):
        (tmp_path / ward).mkdir()
        (tmp_path / ward / "a.txt").write_text("note")
    [part], _ = cut(tmp_path / "one", tmp_path / "two")
    names = [json.loads(line)["custom_id"] for line in content(part).splitlines()]
    assert names == ["one/a.txt", "two/a.txt"]


def test_what_cannot_be_submitted_is_told(tmp_path: Path) -> None:
    (tmp_path / "scan.gif").write_bytes(b"GIF")
    (tmp_path / "void.pdf").write_bytes(b"")
    (tmp_path / "long.xml").write_text("<x>" + "x" * 5_000)
    (tmp_path / "a\nb.xml").write_text("<x/>")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "latin.txt").write_bytes(b"\xe9t\xe9")
    (tmp_path / "long.txt").write_text("x" * 5_001)
    (tmp_path / "none.ndjson").write_text("\n")
    parts, skipped = cut(tmp_path)
    assert not parts
    assert [each.name for each in skipped] == [
        "a\nb.xml",
        "empty.txt",
        "latin.txt",
        "long.txt",
        "long.xml",
        "none.ndjson",
        "scan.gif",
        "void.pdf",
    ]


def test_what_cannot_be_read_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(b'{"text":"note"}\n' * 9)
    (tmp_path / "cut.ndjson.gz").write_bytes(packed[:-12])
    (tmp_path / "damaged.txt.gz").write_bytes(packed[:10] + b"\xff" * 20)
    (tmp_path / "gone.txt").symlink_to("nowhere")
    (tmp_path / "good.txt").write_text("note")
    (tmp_path / "plain.xml.gz").write_bytes(b"<x/>")
    (tmp_path / "shut").mkdir()
    (tmp_path / "ward").symlink_to(tmp_path)
    scan = os.scandir

    def scan_as_another(at: str) -> object:
        if at.endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", at)
        return scan(at)

    monkeypatch.setattr(os, "scandir", scan_as_another)
    [part], skipped = cut(tmp_path)
    assert part.label == "good.txt"
    assert {each.name: each.reason.partition(";")[0] for each in skipped} == {
        "cut.ndjson.gz": "its gzip is cut off",
        "damaged.txt.gz": "its name says gzip, and it is none or a damaged one",
        "gone.txt": "it cannot be read: No such file or directory",
        "plain.xml.gz": "its name says gzip, and it is none or a damaged one",
        "shut": "it cannot be read: Permission denied",
        "ward": "it is a link to a folder",
    }


def test_a_broken_resource_goes_under_its_own_name(tmp_path: Path) -> None:
    for name in ("a", "c"):
        (tmp_path / f"{name}.json").write_text(json.dumps(FHIR | {"id": name}))
    (tmp_path / "b.json").write_text(json.dumps(FHIR)[:-1])
    parts, _ = cut(tmp_path)
    assert [(part.label, part.documents) for part in parts] == [("a.json-c.json", 2), ("b.json", 1)]
    assert b'filename="b.json"' in content(parts[1])


def test_what_a_name_hides_is_told_or_taken(tmp_path: Path) -> None:
    (tmp_path / "lines.json").write_text('{"text":"a"}\n{"text":"b"}\n')
    (tmp_path / "packed.txt").write_bytes(gzip.compress(b"note"))
    (tmp_path / "report.txt").write_text("%PDF-1.7\n")
    (tmp_path / "rich.txt").write_text("{\\rtf1 note}")
    [part], skipped = cut(tmp_path)
    assert (part.label, part.content_type) == ("lines.json, lines 1-2", "application/x-ndjson")
    assert [each.reason.partition(";")[0] for each in skipped] == [
        "it is gzip",
        "it is a PDF",
        "it is RTF",
    ]


def test_each_kind_has_its_content_type(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps({"documents": [{"text": "x"}]}))
    (tmp_path / "2.json").write_text('{"resourceType":"Bundle"}' + " " * 5_000)
    (tmp_path / "4.jsonl").write_text('{"text":"x"}\n')
    parts, _ = cut(tmp_path)
    assert {part.label: part.content_type for part in parts} == {
        "1.json": "application/json",
        "2.json": "application/fhir+json",
        "4.jsonl, lines 1": "application/x-ndjson",
    }


def test_whole_files_share_a_multipart_body_that_a_repeat_sends_again(tmp_path: Path) -> None:
    names = ('Größe "1".xml', "b.HTM", "c.pdf", "d.json", "e.xhtml", "f.rtf")
    reference = FHIR | {"content": [{"attachment": {"contentType": "text/plain", "data": "aGk="}}]}
    bundle = {"resourceType": "Bundle", "type": "document", "entry": [{"resource": reference}]}
    for name in names:
        (tmp_path / name).write_text(json.dumps(bundle) + "\r\n")
    (tmp_path / "g.xml.gz").write_bytes(gzip.compress(b"<g/>"))
    [part], skipped = cut(tmp_path)
    [again], _ = cut(tmp_path)
    assert (content(again), again.digest) == (content(part), part.digest)
    assert not skipped
    limits = IntakeSettings()
    [*records] = read_records(
        [content(part)], content_type=part.content_type, limits=limits
    ).records
    assert {each.custom_id: kind_of(each) for each in records} == {
        'Größe "1".xml': "invalid_xml",
        "b.HTM": "text/html",
        "c.pdf": "application/pdf",
        "DocumentReference/d1": None,
        "e.xhtml": "application/xhtml+xml",
        "f.rtf": "application/rtf",
        "g.xml.gz": "unsupported_document",
    }


def test_thousands_of_files_are_bodies_within_the_bounds(tmp_path: Path) -> None:
    for number in range(250):
        (tmp_path / f"{number:03}.xml").write_text("<x/>")
    (tmp_path / "bundle.json").write_text('[{"resourceType":"Bundle"}' + '"resourceType"' * 60)
    parts, _ = cut(tmp_path)
    assert [part.documents for part in parts] == [100, 100, 50, 61]
    assert all(content(part).endswith(b"--\r\n") for part in parts)


def test_small_resources_are_gathered_line_by_line(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(FHIR | {"id": name}, indent=2))
    [part], _ = cut(tmp_path)
    assert part.content_type == "application/fhir+ndjson"
    assert [json.loads(line)["id"] for line in content(part).splitlines()] == ["a", "b"]


def test_fhir_lines_with_attachments_beside_them_stay_together(tmp_path: Path) -> None:
    lines = [json.dumps(FHIR) + "\n"] * 150 + ['{"resourceType":"Binary"}\n']
    (tmp_path / "a.ndjson").write_text("".join(lines))
    (tmp_path / "b.ndjson").write_text("".join(lines[:150]))
    parts, _ = cut(tmp_path)
    assert [part.documents for part in parts] == [None, 100, 50]
    assert content(parts[0]) == "".join(lines).encode()


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b'{"text":"a"}\n{"text":"b"}\n', "application/x-ndjson"),
        (json.dumps(FHIR).encode() + b"\n", "application/fhir+ndjson"),
        (b'{"documents":[{"text":"a"}]}', "application/json"),
        (b'{\n "resourceType": "Bundle"\n}', "application/fhir+json"),
        (b"<ClinicalDocument/>", "application/xml"),
        (b"Chest pain.\nTwo days.", "application/x-ndjson"),
    ],
)
def test_standard_input_is_known_by_its_beginning(data: bytes, content_type: str) -> None:
    [part] = CUTTER.standard_input(io.BytesIO(data))
    assert isinstance(part, Part)
    assert part.content_type == content_type


def test_standard_input_of_text_is_one_document() -> None:
    [part] = CUTTER.standard_input(io.BytesIO(b"Chest pain.\nTwo days."))
    assert isinstance(part, Part)
    assert json.loads(content(part)) == {"custom_id": "stdin", "text": "Chest pain.\nTwo days."}


@pytest.mark.parametrize("data", [b"", b"{" + b" " * 100_001])
def test_standard_input_that_is_empty_or_too_large_is_skipped(data: bytes) -> None:
    [found] = CUTTER.standard_input(io.BytesIO(data))
    assert isinstance(found, Skipped)

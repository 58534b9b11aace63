"""The process that reads attachments: its limits, and that it is replaced when it fails."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.config import ExtractionSettings, IntakeSettings
from shared.extraction.refusals import Refused
from tests.fixtures.attachments import PDF, encrypted_pdf, greedy_pdf, make_pdf
from workers.background.extraction import Extractor, ExtractorDied

MEBIBYTE = 2**20
GREEDY = greedy_pdf(60)
"""Takes seconds, and hundreds of megabytes."""


@pytest.fixture
def extractor() -> Iterator[Extractor]:
    limits = ExtractionSettings(extraction_seconds=20)
    with Extractor(limits, IntakeSettings()) as started:
        yield started


def process(extractor: Extractor) -> subprocess.Popen[bytes]:
    assert extractor._process is not None
    return extractor._process


def reads(extractor: Extractor) -> bool:
    return extractor.extract(PDF, make_pdf(["Rest."])).text == "Rest."


def test_one_process_reads_many_also_after_a_refusal(extractor: Extractor) -> None:
    assert reads(extractor)
    first = process(extractor).pid
    with pytest.raises(Refused, match="attachment_encrypted"):
        extractor.extract(PDF, encrypted_pdf("secret"))
    assert reads(extractor)
    assert process(extractor).pid == first


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_knows_no_secret_and_no_database(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPICRISIS_MASTER_KEY", "planted")
    reads(extractor)
    seen = Path("/proc", str(process(extractor).pid))
    assert b"EPICRISIS" not in (seen / "environ").read_bytes()
    assert not re.search(r"torch|psycopg|numpy", (seen / "maps").read_text())


@pytest.mark.parametrize(
    "limits",
    [
        {"extraction_seconds": 0.8},
        {"extraction_memory_bytes": 160 * MEBIBYTE},
    ],
)
def test_what_takes_too_long_or_too_much_is_refused_and_the_next_is_read(
    limits: dict[str, float],
) -> None:
    settings = ExtractionSettings.model_validate(limits)
    with Extractor(settings, IntakeSettings()) as extractor:
        assert reads(extractor)
        with pytest.raises(Refused, match="attachment_too_complex"):
            extractor.extract(PDF, GREEDY)
        assert reads(extractor)


def test_one_that_is_killed_is_told_apart_and_replaced(extractor: Extractor) -> None:
    reads(extractor)
    killing = threading.Timer(0.3, process(extractor).kill)
    killing.start()
    with pytest.raises(ExtractorDied):
        extractor.extract(PDF, GREEDY)
    killing.join()
    assert reads(extractor)


def test_it_ends_with_its_owner() -> None:
    with Extractor(ExtractionSettings(), IntakeSettings()) as extractor:
        reads(extractor)
        child = process(extractor)
    assert child.poll() is not None

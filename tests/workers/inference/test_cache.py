"""The cache around a conversion that costs nothing; the real one is in test_convert."""

import threading
import time
from pathlib import Path

import pytest

from workers.inference import cache
from workers.inference.cache import ensure_converted
from workers.inference.manifest import Manifest
from workers.inference.source import Source, open_source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return open_source(folder)


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Directories that were converted into, in order."""
    made: list[Path] = []

    def convert(source: Source, directory: Path, compute_type: str) -> Manifest:
        made.append(directory)
        time.sleep(0.05)
        directory.mkdir(exist_ok=True)
        (directory / "model.bin").write_bytes(b"converted")
        return Manifest(
            name=source.name,
            source_sha256="",
            compute_type=compute_type,
            window=8,
            end_tokens=("</s>",),
            special_tokens={},
            versions={},
        ).write(directory)

    monkeypatch.setattr(cache, "_convert", convert)
    return made


def test_a_model_is_converted_once(source: Source, conversions: list[Path], tmp_path: Path) -> None:
    first = ensure_converted(source, tmp_path / "engines", "int8")
    assert first is not None
    assert ensure_converted(source, tmp_path / "engines", "int8") == first
    assert len(conversions) == 1


def test_other_arithmetic_or_other_weights_are_another_entry(
    source: Source, conversions: list[Path], tmp_path: Path
) -> None:
    ensure_converted(source, tmp_path / "engines", "int8")
    ensure_converted(source, tmp_path / "engines", "float32")
    (source.directory / "model.safetensors").write_bytes(b"better weights")
    ensure_converted(source, tmp_path / "engines", "int8")
    assert len(set(conversions)) == 3


@pytest.mark.parametrize("damaged", ["model.bin", "manifest.json"])
def test_a_damaged_entry_is_made_again(
    source: Source, conversions: list[Path], tmp_path: Path, damaged: str
) -> None:
    entry = ensure_converted(source, tmp_path / "engines", "int8")
    assert entry is not None
    (entry.directory / damaged).write_bytes(b"{}")
    assert ensure_converted(source, tmp_path / "engines", "int8") == entry
    assert len(conversions) == 2
    assert (entry.directory / "model.bin").read_bytes() == b"converted"


def test_workers_that_start_together_convert_once(
    source: Source, conversions: list[Path], tmp_path: Path
) -> None:
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        ensure_converted(source, tmp_path / "engines", "int8")

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conversions) == 1

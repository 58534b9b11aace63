"""The cache around a conversion that costs nothing; the real one is in test_convert."""

import shutil
import threading
from pathlib import Path

import pytest

from tests.fixtures.conversions import CONVERTED
from workers.inference.cache import ensure_converted, find_converted
from workers.inference.model_files import ModelFiles


def test_a_model_is_converted_once(
    model_files: ModelFiles, conversions: list[Path], tmp_path: Path
) -> None:
    first = ensure_converted(model_files, tmp_path / "engines", "int8")
    assert first is not None
    assert ensure_converted(model_files, tmp_path / "engines", "int8") == first
    assert len(conversions) == 1


def test_other_arithmetic_or_other_weights_are_another_entry(
    model_files: ModelFiles, conversions: list[Path], tmp_path: Path
) -> None:
    ensure_converted(model_files, tmp_path / "engines", "int8")
    ensure_converted(model_files, tmp_path / "engines", "float32")
    (model_files.directory / "model.safetensors").write_bytes(b"better weights")
    ensure_converted(model_files, tmp_path / "engines", "int8")
    assert len(set(conversions)) == 3


@pytest.mark.parametrize("damaged", ["model.bin", "manifest.json"])
def test_a_damaged_entry_is_made_again(
    model_files: ModelFiles, conversions: list[Path], tmp_path: Path, damaged: str
) -> None:
    entry = ensure_converted(model_files, tmp_path / "engines", "int8")
    assert entry is not None
    (entry.directory / damaged).write_bytes(b"{}")
    assert ensure_converted(model_files, tmp_path / "engines", "int8") == entry
    assert len(conversions) == 2
    assert (entry.directory / "model.bin").read_bytes() == CONVERTED


def test_a_manifest_that_says_something_else_is_refused(
    model_files: ModelFiles, conversions: list[Path], tmp_path: Path
) -> None:
    entry = ensure_converted(model_files, tmp_path / "engines", "int8")
    assert entry is not None
    manifest = entry.directory / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"window": 8', '"window": 9'))
    assert find_converted(model_files, tmp_path / "engines", "int8") is None
    assert ensure_converted(model_files, tmp_path / "engines", "int8") == entry
    assert len(conversions) == 2


def test_another_models_entry_in_its_place_is_refused(
    model_files: ModelFiles, conversions: list[Path], tmp_path: Path
) -> None:
    before = ensure_converted(model_files, tmp_path / "engines", "int8")
    (model_files.directory / "model.safetensors").write_bytes(b"better weights")
    after = ensure_converted(model_files, tmp_path / "engines", "int8")
    assert before is not None
    assert after is not None
    shutil.rmtree(after.directory)
    shutil.copytree(before.directory, after.directory)
    assert find_converted(model_files, tmp_path / "engines", "int8") is None
    assert ensure_converted(model_files, tmp_path / "engines", "int8") == after
    assert len(conversions) == 3


def test_workers_that_start_together_convert_once(
    model_files: ModelFiles, conversions: list[Path], tmp_path: Path
) -> None:
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        ensure_converted(model_files, tmp_path / "engines", "int8")

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conversions) == 1

"""A model converted on one machine is fetched by the next; no store can stop a worker."""

import shutil
from pathlib import Path

import pytest

from shared.config import EngineSettings, HomeSettings
from shared.storage import Storage, StorageUnavailable
from tests.fixtures.conversions import CONVERTED
from tests.fixtures.object_store import ObjectStore
from workers.inference import cache
from workers.inference.cache import ensure_converted
from workers.inference.engine import Request
from workers.inference.exchange import open_store
from workers.inference.load import load_prompt_engine
from workers.inference.model_files import ModelFiles


@pytest.fixture
def store(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "store"))


def test_the_second_machine_fetches_what_the_first_made(
    model_files: ModelFiles, conversions: list[Path], store: Storage, tmp_path: Path
) -> None:
    first = ensure_converted(model_files, tmp_path / "one", "int8", store)
    second = ensure_converted(model_files, tmp_path / "two", "int8", store)
    assert first is not None
    assert second is not None
    assert len(conversions) == 1
    assert second.manifest == first.manifest
    assert (second.directory / "model.bin").read_bytes() == CONVERTED
    assert ensure_converted(model_files, tmp_path / "three", "float32", store) is not None
    assert len(conversions) == 2


def test_a_real_model_goes_through_a_real_object_store(
    tiny_model: ModelFiles,
    object_store: ObjectStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = EngineSettings(prompt_model=str(tiny_model.directory), device="cpu")
    first = load_prompt_engine(settings, HomeSettings(engines=tmp_path / "one"))
    monkeypatch.delattr(cache, "_convert")
    second = load_prompt_engine(settings, HomeSettings(engines=tmp_path / "two"))
    assert first is not None
    assert second is not None
    question = [Request((("user", "Cough."),), 8)]
    assert second.generate(question) == first.generate(question)
    object_store.child.process.kill()
    assert load_prompt_engine(settings, HomeSettings(engines=tmp_path / "two")) is not None


@pytest.mark.parametrize("harm", ["damaged", "another model's", "pointer"])
def test_what_the_store_gives_wrong_is_converted_and_published_anew(
    model_files: ModelFiles, conversions: list[Path], store: Storage, tmp_path: Path, harm: str
) -> None:
    entry = ensure_converted(model_files, tmp_path / "one", "int8", store)
    assert entry is not None
    name = f"engines/{entry.directory.name}"
    if harm == "damaged":
        (file,) = (tmp_path / "store").rglob("model.bin")
        file.write_bytes(CONVERTED[:-1] + b"x")
    elif harm == "another model's":
        other = tmp_path / "other"
        shutil.copytree(entry.directory, other)
        entry.manifest.model_copy(update={"source_sha256": "0" * 64}).write(other)
        store.point(name, store.publish(other).digest)
    else:
        (tmp_path / "store" / f"{name}.json").write_text("{}")
    again = ensure_converted(model_files, tmp_path / "two", "int8", store)
    assert again is not None
    assert again.manifest == entry.manifest
    assert len(conversions) == 2
    ensure_converted(model_files, tmp_path / "three", "int8", store)
    assert len(conversions) == 2


def test_a_store_that_is_away_costs_a_conversion(
    model_files: ModelFiles,
    conversions: list[Path],
    store: Storage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object) -> None:
        raise StorageUnavailable("It is away.")

    for method in ("_read", "_put"):
        monkeypatch.setattr(store, method, away)
    assert ensure_converted(model_files, tmp_path / "one", "int8", store) is not None
    assert len(conversions) == 1


def test_a_store_of_no_known_kind_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICRISIS_ARTIFACTS_URL", "nosuchstore://bucket")
    assert open_store() is None

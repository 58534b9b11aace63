"""Artifacts in a folder and in a real S3-compatible server: whole, verified, and only data."""

import os
import pickle
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.artifacts import Artifact, ArtifactFile, ArtifactUnusable
from shared.config import StorageSettings
from shared.errors import Misconfigured, NotFound
from shared.storage import Storage, StorageUnavailable
from tests.fixtures.object_store import serve_objects

MODEL_BIN = struct.pack("<IH", 6, 23) + b"TransformerDecoderSpec\0" + bytes(range(256)) * 40


@pytest.fixture(scope="module")
def objects() -> Iterator[dict[str, str]]:
    with serve_objects() as store, pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        yield {"url": store.url, "endpoint_url": store.endpoint_url, "data": str(store.data)}


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Storage, Path]:
    """A store, and the folder in which it keeps what it holds."""
    if request.param == "folder":
        return Storage(str(tmp_path / "store")), tmp_path / "store"
    objects: dict[str, str] = request.getfixturevalue("objects")
    prefix = f"{objects['url']}/{tmp_path.name}"
    kept = Path(objects["data"], prefix.removeprefix("s3://"))
    return Storage(prefix, objects["endpoint_url"]), kept


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(MODEL_BIN)
    (folder / "tokenizer.json").write_text("{}")
    (folder / "manifest.json").write_text('{"name": "tiny"}')
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_is_published_is_fetched_whole(
    place: tuple[Storage, Path], engine: Path, tmp_path: Path
) -> None:
    store, _ = place
    published = store.publish(engine)
    assert store.publish(engine) == published
    assert store.exists(published.digest)
    store.fetch(published.digest, tmp_path / "copy")
    assert files_of(tmp_path / "copy") == files_of(engine)
    assert not list(tmp_path.glob(".copy*"))


def test_a_store_is_copied_into_another(
    place: tuple[Storage, Path], engine: Path, tmp_path: Path
) -> None:
    store, kept = place
    store.copy_out(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    store.point("engines/k", store.publish(engine).digest)
    (kept / "engines" / ".k.json.half").write_text("{")
    store.copy_out(tmp_path / "backup")
    other = Storage(str(tmp_path / "other"))
    other.copy_in(tmp_path / "backup")
    digest = other.follow("engines/k")
    assert digest is not None
    other.fetch(digest, tmp_path / "copy")
    assert files_of(tmp_path / "copy") == files_of(engine)
    assert not list((tmp_path / "backup").rglob(".*"))


def test_half_published_is_not_there_and_can_be_published_again(
    place: tuple[Storage, Path], engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, kept = place
    put, calls = store._put, []

    def break_off(local: Path, remote: str) -> None:
        calls.append(remote)
        if len(calls) == 3:
            raise ConnectionResetError
        put(local, remote)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_put", break_off)
        with pytest.raises(StorageUnavailable):
            store.publish(engine)
    digest = calls[0].split("/")[-3]
    assert len([file for file in kept.rglob(f"*{digest}*/files/*") if file.is_file()]) == 2
    assert not store.exists(digest)
    with pytest.raises(NotFound):
        store.fetch(digest, tmp_path / "copy")
    assert store.publish(engine).digest == digest
    store.fetch(digest, tmp_path / "copy")


@pytest.mark.parametrize("harm", ["flip", "cut", "list", "gone"])
def test_a_damaged_artifact_is_refused_and_leaves_nothing(
    place: tuple[Storage, Path], engine: Path, tmp_path: Path, harm: str
) -> None:
    store, kept = place
    digest = store.publish(engine).digest
    model = kept / "artifacts" / digest / "files" / "model.bin"
    if harm == "flip":
        model.write_bytes(MODEL_BIN[:-1] + b"x")
    elif harm == "cut":
        model.write_bytes(MODEL_BIN[:-1])
    elif harm == "list":
        listed = kept / "artifacts" / digest / "manifest.json"
        listed.write_bytes(listed.read_bytes().replace(b"tokenizer", b"tokenizes"))
    else:
        model.unlink()
    # What is shorter than the server remembers, or gone, breaks off on the way already.
    certain = harm in {"flip", "list"} or kept == tmp_path / "store"
    seen = ArtifactUnusable if certain else (ArtifactUnusable, StorageUnavailable)
    with pytest.raises(seen):
        store.fetch(digest, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not list(tmp_path.glob(".copy*"))


@pytest.mark.parametrize(
    "name", ["../outside.json", "/etc/outside.json", "a/b.json", ".hidden.json"]
)
def test_a_list_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    file = ArtifactFile.model_construct(name=name, size=2, sha256="0" * 64)
    listed = Artifact.model_construct(files=(file,))
    folder = tmp_path / "store" / "artifacts" / listed.digest
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(listed.written())
    with pytest.raises(ArtifactUnusable):
        Storage(str(tmp_path / "store")).fetch(listed.digest, tmp_path / "copy")


class _Program:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.bin", pickle.dumps(_Program())),
        ("pytorch_model.bin", MODEL_BIN),
        ("model.pt", b"PK\x03\x04"),
        ("model.json", pickle.dumps(_Program(), protocol=2)),
        ("model.safetensors", pickle.dumps(_Program())),
        ("modeling.py", b"print()"),
    ],
)
def test_what_could_run_is_neither_published_nor_fetched(
    engine: Path, tmp_path: Path, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Storage(str(tmp_path / "store"))
    (engine / name).write_bytes(content)
    with pytest.raises(ArtifactUnusable):
        store.publish(engine)
    with monkeypatch.context() as patch:
        patch.setattr("shared.artifacts.refuse_unless_data", lambda _: None)
        digest = store.publish(engine).digest
    with pytest.raises(ArtifactUnusable):
        store.fetch(digest, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_pointer_leads_to_the_last_digest_it_was_given(place: tuple[Storage, Path]) -> None:
    store, _ = place
    assert store.follow("engines/k") is None
    for digest in ("a" * 64, "b" * 64):
        store.point("engines/k", digest)
        assert store.follow("engines/k") == digest
    store._write(f"{store._root}/engines/k.json", b'{"artifact": "../../etc"}')
    with pytest.raises(ArtifactUnusable):
        store.follow("engines/k")


def test_a_store_that_is_away_or_refuses_is_unavailable(
    objects: dict[str, str], engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageUnavailable):
        Storage("s3://epicrisis", "http://127.0.0.1:9").publish(engine)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StorageUnavailable):
        Storage(objects["url"], objects["endpoint_url"]).follow("engines/k")


def test_the_environment_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPICRISIS_ARTIFACTS_URL", raising=False)
    assert Storage.from_settings(StorageSettings()) is None
    assert Storage.from_settings(StorageSettings(artifacts_url=str(tmp_path))) is not None
    with pytest.raises(Misconfigured):
        Storage("nosuchstore://bucket")


def test_a_file_longer_than_listed_is_not_even_fetched(
    engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Storage(str(tmp_path / "store"))
    digest = store.publish(engine).digest
    for file in (tmp_path / "store" / "artifacts" / digest / "files").iterdir():
        file.write_bytes(file.read_bytes() + b" ")
    monkeypatch.setattr(store._store, "get_file", None)
    with pytest.raises(ArtifactUnusable):
        store.fetch(digest, tmp_path / "copy")

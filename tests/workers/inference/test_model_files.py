import json
from pathlib import Path

import pytest

from shared.errors import ModelUnusable
from workers.inference.model_files import find_files, model_digest, packaged_files


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    (tmp_path / "other.safetensors").write_bytes(b"")
    with pytest.raises(ModelUnusable, match=r"no model\.safetensors"):
        find_files(tmp_path)


@pytest.mark.parametrize("index", [{"weight_map": {"a": "model-1.bin"}}, {}, []])
def test_an_index_of_anything_but_safetensors_is_refused(tmp_path: Path, index: object) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelUnusable):
        find_files(tmp_path)


def test_a_gguf_is_named_without_its_quantization(tmp_path: Path) -> None:
    (tmp_path / "Some-135M-Instruct.Q4_K_M.gguf").write_bytes(b"GGUF")
    files = find_files(tmp_path)
    assert (files.name, files.gguf) == ("Some-135M-Instruct", "Some-135M-Instruct.Q4_K_M.gguf")


def test_nothing_there_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable):
        find_files(tmp_path / "missing")
    with pytest.raises(ModelUnusable, match="not installed"):
        packaged_files("no_such_package_of_weights")


def test_the_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    files = find_files(tmp_path)
    before = model_digest(files)
    (tmp_path / "config.json").write_text("{}")
    with_config = model_digest(files)
    (tmp_path / "config.json").rename(tmp_path / "tokenizer.json")
    assert len({before, with_config, model_digest(files)}) == 3

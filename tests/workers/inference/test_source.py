import json
from pathlib import Path

import pytest

from shared.errors import ModelUnusable
from workers.inference.source import open_source, packaged_source, source_digest


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    (tmp_path / "other.safetensors").write_bytes(b"")
    with pytest.raises(ModelUnusable, match=r"no model\.safetensors"):
        open_source(tmp_path)


@pytest.mark.parametrize("index", [{"weight_map": {"a": "model-1.bin"}}, {}, []])
def test_an_index_of_anything_but_safetensors_is_refused(tmp_path: Path, index: object) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelUnusable):
        open_source(tmp_path)


def test_a_gguf_is_named_without_its_quantization(tmp_path: Path) -> None:
    (tmp_path / "Some-135M-Instruct.Q4_K_M.gguf").write_bytes(b"GGUF")
    source = open_source(tmp_path)
    assert (source.name, source.gguf) == ("Some-135M-Instruct", "Some-135M-Instruct.Q4_K_M.gguf")


def test_nothing_there_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable):
        open_source(tmp_path / "missing")
    with pytest.raises(ModelUnusable, match="not installed"):
        packaged_source("no_such_package_of_weights")


def test_the_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    source = open_source(tmp_path)
    before = source_digest(source)
    (tmp_path / "config.json").write_text("{}")
    with_config = source_digest(source)
    (tmp_path / "config.json").rename(tmp_path / "tokenizer.json")
    assert len({before, with_config, source_digest(source)}) == 3

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import OlmoConfig, OlmoForCausalLM

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.cache import Converted, ensure_converted
from workers.inference.convert import Unsupported, convert
from workers.inference.model_files import ModelFiles, find_files

SERVE = """
import sys
from pathlib import Path
from workers.inference.cache import Converted
from workers.inference.ctranslate2 import CTranslate2Engine
from workers.inference.device import Device
from workers.inference.engine import Request
from workers.inference.manifest import read_manifest
import workers.inference.load
folder = Path(sys.argv[1])
engine = CTranslate2Engine(Converted(folder, read_manifest(folder)), Device("cpu", "float32"))
engine.generate([Request((("user", "Cough."),), 4)])
print(sorted({"torch", "transformers"} & set(sys.modules)))
"""


def test_a_converted_model_is_served_without_torch(converted: Converted) -> None:
    command = [sys.executable, "-c", SERVE, str(converted.directory)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_cache_converts_in_a_process_of_its_own(tiny_model: ModelFiles, tmp_path: Path) -> None:
    entry = ensure_converted(tiny_model, tmp_path, "int8")
    assert entry is not None
    assert (entry.manifest.name, entry.manifest.compute_type) == ("tiny-llama", "int8")
    assert (entry.manifest.window, entry.manifest.end_tokens) == (512, ("<|im_end|>",))
    assert {"model.bin", "tokenizer.json", "chat_template.jinja"} <= entry.manifest.files.keys()
    assert sorted(p.suffix for p in tmp_path.iterdir()) == ["", ".lock"]


def _altered(files: ModelFiles, folder: Path, **changes: object) -> ModelFiles:
    shutil.copytree(files.directory, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    return find_files(folder)


def test_a_model_without_chat_template_is_unusable(tiny_model: ModelFiles, tmp_path: Path) -> None:
    files = _altered(tiny_model, tmp_path / "model")
    (files.directory / "chat_template.jinja").unlink()
    with pytest.raises(ModelUnusable, match="chat template"):
        convert(files, tmp_path / "out", "float32")
    assert not (tmp_path / "out").exists()


def test_weights_of_another_model_are_unusable(tiny_model: ModelFiles, tmp_path: Path) -> None:
    files = _altered(
        tiny_model,
        tmp_path / "model",
        model_type="t5",
        architectures=["T5ForConditionalGeneration"],
    )
    with pytest.raises(ModelUnusable, match="weights are not those"):
        convert(files, tmp_path / "out", "float32")


def test_a_conversion_that_dies_may_pass(tiny_model: ModelFiles, tmp_path: Path) -> None:
    files = _altered(tiny_model, tmp_path / "model")
    (files.directory / "model.safetensors").write_bytes(b"torn off")
    with pytest.raises(ModelUnavailable):
        ensure_converted(files, tmp_path / "engines", "int8")


def test_an_architecture_that_the_fast_engine_lacks(tmp_path: Path, tiny_model: ModelFiles) -> None:
    folder = tmp_path / "olmo"
    shutil.copytree(tiny_model.directory, folder)
    torch.manual_seed(7)
    vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
    OlmoForCausalLM(
        OlmoConfig(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
    ).save_pretrained(folder)
    with pytest.raises(Unsupported):
        convert(find_files(folder), tmp_path / "out", "float32")

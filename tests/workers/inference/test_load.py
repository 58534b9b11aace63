import json
import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.config import EngineSettings, HomeSettings
from shared.errors import ModelUnusable
from tests.fixtures.openai_server import OpenAIServer
from workers.inference.ctranslate2 import CTranslate2Engine
from workers.inference.engine import Request
from workers.inference.load import DEMONSTRATION_MODEL, load_prompt_engine
from workers.inference.model_files import ModelFiles
from workers.inference.remote import RemoteEngine


def settings(model: str | None, **others: object) -> EngineSettings:
    return EngineSettings(prompt_model=model, device="cpu", **others)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_prompt_model_there_is_no_engine(nothing: str | None) -> None:
    assert load_prompt_engine(settings(nothing)) is None


def test_a_directory_is_served_by_the_fast_engine(tiny_model: ModelFiles, tmp_path: Path) -> None:
    home = HomeSettings(engines=tmp_path / "engines")
    engine = load_prompt_engine(settings(str(tiny_model.directory)), home)
    assert isinstance(engine, CTranslate2Engine)
    assert engine.name.startswith("tiny-llama@int8:")
    assert engine.warnings == ()
    assert engine.generate([Request((("user", "Cough."),), 4)])[0].output_tokens <= 4


def test_a_server_is_spoken_to_with_its_key(openai_server: OpenAIServer) -> None:
    key = SecretStr("secret")
    engine = load_prompt_engine(settings(openai_server.setting, prompt_api_key=key))
    assert isinstance(engine, RemoteEngine)
    engine.generate([Request((("user", "Cough."),), 4)])
    assert openai_server.authorizations == ["Bearer secret"]
    assert engine.name == "fake@openai:127.0.0.1"
    engine.close()


@pytest.mark.parametrize(
    "model", ["/no/such/folder", "./nor/this", "openai:http://host/v1", "openai:ftp://host#m"]
)
def test_a_name_that_can_never_work_is_unusable(model: str) -> None:
    with pytest.raises(ModelUnusable):
        load_prompt_engine(settings(model))


def test_the_packaged_model_summarizes_and_says_that_it_is_a_demonstration() -> None:
    engine = load_prompt_engine(settings("packaged:smollm2"))
    assert engine is not None
    assert engine.warnings == (DEMONSTRATION_MODEL,)
    assert engine.name.startswith("SmolLM2-135M-Instruct@int8:")
    assert engine.window == 8192
    chat = (("system", "You answer in one word."), ("user", "What is the capital of France?"))
    assert "Paris" in engine.generate([Request(chat, 12)])[0].text


def test_code_that_a_model_brings_is_never_run(tiny_model: ModelFiles, tmp_path: Path) -> None:
    folder, ran = tmp_path / "model", tmp_path / "ran"
    shutil.copytree(tiny_model.directory, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "strange", "auto_map": {"AutoConfig": "strange.StrangeConfig"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "strange.py").write_text(
        f"open({str(ran)!r}, 'w').close()\n"
        "from transformers import LlamaConfig\n"
        "class StrangeConfig(LlamaConfig):\n    model_type = 'strange'\n"
    )
    home = HomeSettings(engines=tmp_path / "engines")
    with pytest.raises(ModelUnusable):
        load_prompt_engine(settings(str(folder)), home)
    assert not ran.exists()

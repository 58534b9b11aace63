"""Tiny random models of the real classes, each made and converted once."""

from pathlib import Path

import pytest

from tests.factories.models import make_bart, make_llama
from workers.inference.cache import Converted
from workers.inference.convert import convert
from workers.inference.manifest import read_manifest
from workers.inference.model_files import ModelFiles, find_files


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    """A LlamaForCausalLM of 2 layers in safetensors, window 512."""
    return find_files(make_llama(tmp_path_factory.mktemp("models") / "tiny-llama"))


@pytest.fixture(scope="session")
def tiny_bart(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    """A BartForConditionalGeneration, window 128."""
    return find_files(make_bart(tmp_path_factory.mktemp("models") / "tiny-bart"))


@pytest.fixture(scope="session")
def converted(tiny_model: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """The tiny model in float32 for the fast engine."""
    directory: Path = tmp_path_factory.mktemp("engines") / "tiny"
    convert(tiny_model, directory, "float32")
    manifest = read_manifest(directory)
    assert manifest is not None
    return Converted(directory, manifest)

"""The two forms of a model agree; a conversion that changes one matrix does not pass."""

from pathlib import Path

import pytest
from ctranslate2.converters import TransformersConverter
from ctranslate2.specs import model_spec

from shared.errors import ModelUnusable
from tests.factories.models import MAKERS
from workers.inference import convert
from workers.inference.model_files import ModelFiles, find_files
from workers.inference.parity import measure_parity

NOTES = ["Cough and fever for three days.", "Chest X-ray was clear.", "Plan: rest and fluids."]
SAMPLES = [((("user", note),), "Cough, on lisinopril.") for note in NOTES]


@pytest.mark.parametrize("architecture", ["llama", "bart", "t5", "pegasus"])
def test_a_right_conversion_passes(architecture: str, tmp_path: Path) -> None:
    files = find_files(MAKERS[architecture](tmp_path / "model"))
    parity = measure_parity(files, tmp_path / "engines", "float32", SAMPLES)
    assert parity.passed
    assert (parity.examples, parity.same_tokens) == (3, 1.0)


@pytest.mark.parametrize(
    ("architecture", "matrix"),
    [("llama", "decoder/layer_0/ffn/linear_0"), ("bart", "encoder/layer_1/ffn/linear_0")],
)
def test_one_matrix_of_another_model_fails(
    architecture: str, matrix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = TransformersConverter._load

    def swapped(self: TransformersConverter) -> model_spec.ModelSpec:
        spec = load(self)
        part = spec
        for name in matrix.split("/"):
            stem, _, number = name.rpartition("_")
            listed = getattr(part, stem, None)
            part = listed[int(number)] if isinstance(listed, list) else getattr(part, name)
        part.weight = part.weight.flip(0)
        return spec

    monkeypatch.setattr(convert._Converter, "_load", swapped)
    files = find_files(MAKERS[architecture](tmp_path / "model"))
    assert not measure_parity(files, tmp_path / "engines", "float32", SAMPLES).passed


def test_without_examples_nothing_is_called_equal(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no example"):
        measure_parity(
            ModelFiles("model", tmp_path), tmp_path, "float32", [((("user", "Cough."),), " ")]
        )

import ctranslate2
import pytest

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.device import Device, choose_device


@pytest.mark.parametrize(("gpus", "expected"), [(0, Device("cpu", "int8")), (1, None)])
def test_auto_takes_a_gpu_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, gpus: int, expected: Device | None
) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: gpus)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: {"int8", "float16"})
    assert choose_device() == (expected or Device("cuda", "float16"))


def test_a_gpu_that_does_not_answer_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    with pytest.raises(ModelUnavailable):
        choose_device("cuda")


@pytest.mark.parametrize(("device", "compute_type"), [("tpu", "auto"), ("cpu", "int3")])
def test_unknown_names_are_a_mistake(device: str, compute_type: str) -> None:
    with pytest.raises(ModelUnusable):
        choose_device(device, compute_type)

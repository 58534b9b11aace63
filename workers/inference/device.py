"""Which device a model runs on, and with which arithmetic."""

from dataclasses import dataclass

import ctranslate2

from shared.errors import ModelUnavailable, ModelUnusable

_DEFAULT_COMPUTE_TYPES = {"cpu": "int8", "cuda": "float16"}


@dataclass(frozen=True, slots=True)
class Device:
    """`kind`: cpu or cuda; `compute_type`: CTranslate2's name for the arithmetic."""

    kind: str
    compute_type: str


def choose_device(device: str = "auto", compute_type: str = "auto") -> Device:
    """`auto` takes a GPU where there is one, and int8 on CPU, float16 on GPU.

    Raises ModelUnavailable when a GPU is asked for and none answers (a driver may come back), and
    ModelUnusable for names that this machine does not know.
    """
    gpus = ctranslate2.get_cuda_device_count() if device in ("auto", "cuda") else 0
    kind = ("cuda" if gpus else "cpu") if device == "auto" else device
    if kind not in _DEFAULT_COMPUTE_TYPES:
        raise ModelUnusable("EPICRISIS_DEVICE is one of auto, cpu and cuda.")
    if kind == "cuda" and not gpus:
        raise ModelUnavailable("No CUDA device answers.")
    arithmetic = _DEFAULT_COMPUTE_TYPES[kind] if compute_type == "auto" else compute_type
    supported = ctranslate2.get_supported_compute_types(kind)
    if arithmetic not in supported:
        raise ModelUnusable(
            "EPICRISIS_COMPUTE_TYPE names an arithmetic that this device does not have; "
            f"it has {', '.join(sorted(supported))}."
        )
    return Device(kind, arithmetic)

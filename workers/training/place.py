"""Where a worker trains: which device, and how much of it."""

import os
import socket
from dataclasses import dataclass
from typing import Literal

import ctranslate2

from shared.config import EngineSettings, TrainingSettings
from workers.inference.device import choose_device


@dataclass(frozen=True, slots=True)
class Place:
    """One run at a time has the device of a host."""

    host: str
    kind: Literal["cpu", "cuda"]
    threads: int | None
    """Of a CPU; the outcome is the same for the same number only."""
    processes: int
    """One a GPU."""
    compute_type: str
    """Of the fast form, as serving chooses it on such a device."""


def choose_place(engine: EngineSettings, settings: TrainingSettings) -> Place:
    """Raises ModelUnavailable and ModelUnusable as `choose_device`."""
    device = choose_device(engine.device, engine.compute_type)
    if device.kind == "cuda":
        gpus = ctranslate2.get_cuda_device_count()
        return Place(
            socket.gethostname(),
            "cuda",
            None,
            settings.training_processes or gpus,
            device.compute_type,
        )
    threads = settings.training_threads or os.cpu_count()
    return Place(socket.gethostname(), "cpu", threads, 1, device.compute_type)

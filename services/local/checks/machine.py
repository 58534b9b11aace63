"""Checks of this machine: Python, folders, disk, settings, models, GPU."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import ctranslate2

from services.local.checks.finding import Finding, Place
from shared.config import EngineSettings, HomeSettings, SecretSettings

_GIGABYTE = 10**9
_LITTLE_GIGABYTES = 5
_TOO_LITTLE_GIGABYTES = 1
_PYTHON = (3, 11)
_PROBE_SECONDS = 10


def check_python(_: Place) -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < _PYTHON:
        return Finding("python", "fail", version, "Install Python 3.11 or newer.")
    return Finding("python", "ok", version)


def check_settings(place: Place) -> Finding:
    """Whether it is known where the servers are."""
    if place.ready is not None:
        return Finding("settings", "ok", f"`epicrisis up` runs on {place.home}")
    secrets = SecretSettings()
    given = {
        "EPICRISIS_DATABASE_URL": place.database_url,
        "EPICRISIS_REDIS_URL": place.redis_url,
        "EPICRISIS_MASTER_KEY": secrets.master_key or secrets.master_key_file,
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        return Finding(
            "settings",
            "fail",
            f"no {', '.join(missing)}",
            "Set them, or run `epicrisis up`, which brings its own servers.",
        )
    return Finding("settings", "ok", "servers and master key are set")


def check_folders(place: Place) -> Finding:
    """Whether this account may write where data and converted models go."""
    engines = HomeSettings().engines
    closed = [folder for folder in (place.home, engines) if not _writable(folder)]
    if closed:
        return Finding(
            "folders",
            "fail",
            f"{closed[0]} cannot be written",
            "Change its owner, or set EPICRISIS_HOME and EPICRISIS_ENGINES.",
        )
    return Finding("folders", "ok", f"{place.home}, {engines}")


def check_disk(place: Place) -> Finding:
    free = shutil.disk_usage(_existing(place.home)).free / _GIGABYTE
    detail = f"{free:,.1f} GB free"
    if free < _TOO_LITTLE_GIGABYTES:
        return Finding("disk", "fail", detail, "Postgres stops when the disk is full: make room.")
    if free < _LITTLE_GIGABYTES:
        return Finding("disk", "warn", detail, "Make room before the next large submission.")
    return Finding("disk", "ok", detail)


def check_gpu(_: Place) -> Finding:
    """A GPU that the driver shows and the engine cannot use is a mistake of the installation."""
    visible, usable = _visible_gpus(), ctranslate2.get_cuda_device_count()
    wanted = EngineSettings().device
    if usable:
        return Finding("gpu", "ok", f"{usable} usable")
    reinstall = "Install the image or packages for CUDA: pip install -c constraints-cuda.txt …"
    if wanted.startswith("cuda"):
        return Finding("gpu", "fail", f"EPICRISIS_DEVICE={wanted}, but none is usable", reinstall)
    if visible:
        detail = f"nvidia-smi shows {visible}, but the engine can use none"
        return Finding("gpu", "warn", detail, reinstall)
    return Finding("gpu", "ok", "none; the CPU is used")


def _visible_gpus() -> int:
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        listed = subprocess.run(
            [program, "--list-gpus"],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines())


def _writable(folder: Path) -> bool:
    return os.access(_existing(folder), os.W_OK | os.X_OK)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.absolute().parents) if each.is_dir())

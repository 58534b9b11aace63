"""Checkpoints that are whole or are not there."""

import json
import os
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from workers.inference.model_files import file_digest

WEIGHTS = "weights.safetensors"
_MANIFEST = "manifest.json"
_PROGRESS = "progress.json"
_KEPT = 2


class Progress(BaseModel):
    """What a run knows of itself beside weights and optimizer: the rest of what resuming needs."""

    model_config = ConfigDict(extra="forbid")

    step: int = 0
    validated: int = 0
    """The last step that was validated."""
    best_step: int = 0
    best: dict[str, float] = {}
    """What was measured there."""
    without_gain: int = 0
    """Validations in a row."""
    finished: bool = False
    stopped_early: bool = False
    losses: list[float] = []
    """Of the steps since the last point: summed nats."""
    loss_tokens: list[int] = []
    since_validation: tuple[float, int] = (0.0, 0)
    train_loss: float | None = None
    tokens_seen: int = 0
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    points: list[dict[str, float]] = []


class Checkpoints:
    """A folder of `checkpoint-N`: the newest two whole ones, and the best."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, step: int) -> Path:
        return self.folder / f"checkpoint-{step}"

    def staging(self, step: int) -> Path:
        """Where every process writes its part of it."""
        return self.folder / f".partial-{step}"

    def clear(self) -> None:
        """Remove what was not finished."""
        for leftover in self.folder.glob(".partial-*"):
            shutil.rmtree(leftover)

    def publish(self, progress: Progress) -> Path:
        """What lies in the staging folder becomes the checkpoint of the step."""
        partial, final = self.staging(progress.step), self.path(progress.step)
        (partial / _PROGRESS).write_text(progress.model_dump_json(), "utf-8")
        files = sorted(file for file in partial.iterdir() if file.name != _MANIFEST)
        for file in files:
            _flush(file)
        manifest = {file.name: file_digest(file) for file in files}
        (partial / _MANIFEST).write_text(json.dumps(manifest), "utf-8")
        _flush(partial / _MANIFEST)
        if final.exists():
            # Of this step before its validation.
            shutil.rmtree(final)
        os.rename(partial, final)  # noqa: PTH104 - Path.rename says the same, less plainly
        _flush(self.folder)
        self._rotate(progress)
        return final

    def newest(self) -> tuple[Path, Progress] | None:
        """The newest whole one whose best is whole, too."""
        for step in sorted(self._steps(), reverse=True):
            progress = self._read(step)
            if progress is not None and (
                progress.best_step in {0, step} or self._read(progress.best_step) is not None
            ):
                return self.path(step), progress
        return None

    def _rotate(self, progress: Progress) -> None:
        """Keeps the best of each that it keeps, too: without it one cannot be resumed from."""
        others = sorted(step for step in self._steps() if step != progress.best_step)
        kept = {progress.best_step, *others[-_KEPT:]}
        for step in list(kept - {0}):
            kept.add(self._best_of(step))
        for step in set(self._steps()) - kept:
            shutil.rmtree(self.path(step))

    def _best_of(self, step: int) -> int:
        try:
            text = (self.path(step) / _PROGRESS).read_bytes()
            return Progress.model_validate_json(text).best_step
        except (OSError, ValidationError):
            return step

    def _steps(self) -> list[int]:
        names = (path.name.removeprefix("checkpoint-") for path in self.folder.glob("checkpoint-*"))
        return [int(name) for name in names if name.isdigit()]

    def _read(self, step: int) -> Progress | None:
        folder = self.path(step)
        try:
            manifest: dict[str, str] = json.loads((folder / _MANIFEST).read_text("utf-8"))
            whole = all(file_digest(folder / name) == made for name, made in manifest.items())
            progress = Progress.model_validate_json((folder / _PROGRESS).read_bytes())
        except (OSError, ValueError, ValidationError):
            return None
        return progress if whole else None


def _flush(path: Path) -> None:
    """To the disk: a machine that loses its power has the old one or the new one."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

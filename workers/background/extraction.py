"""Attachments are read by a process of their own, which may take too long, too much, or die."""

import json
import os
import signal
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from shared.config import ExtractionSettings, IntakeSettings
from shared.extraction.extract import Extracted
from shared.extraction.refusals import REFUSALS, Refused
from workers.background.extractor import OUT_OF_MEMORY

_ATTACHMENTS_PER_PROCESS = 500
"""Then a new one, so that no leak of a parser grows for ever. Starting one takes 0.2 s."""
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What the process gets of ours: no URL and no key."""


class ExtractorDied(Exception):
    """Neither the limits nor the attachment explain it: killed from outside, or a crash."""


class Extractor:
    """Keeps one such process at hand. Not for several threads."""

    def __init__(self, limits: ExtractionSettings, intake: IntakeSettings) -> None:
        self._limits = limits
        self._argv = (
            sys.executable,
            "-m",
            "workers.background.extractor",
            str(limits.extraction_memory_bytes),
            str(int(limits.extraction_seconds) + 1),
            str(intake.max_document_characters),
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end()

    def extract(self, media_type: str, data: bytes) -> Extracted:
        """Raises Refused, also for an attachment that goes past the limits, and ExtractorDied."""
        process = self._running()
        late = threading.Event()
        timer = threading.Timer(self._limits.extraction_seconds, _kill, (process, late))
        timer.start()
        try:
            refused, extracted = _ask(process, media_type, data)
        except (OSError, EOFError, ValueError):
            raise self._autopsy(process, late=late) from None
        finally:
            timer.cancel()
        self._answered += 1
        if refused is not None:
            # Whatever wrote this answer had a stranger's bytes to read: it names codes of ours.
            raise Refused(refused if refused in REFUSALS else "invalid_attachment")
        return extracted

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (
            self._answered >= _ATTACHMENTS_PER_PROCESS or self._process.poll() is not None
        ):
            self._end()
        if self._process is None:
            self._answered = 0
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # parsers quote there what they choke on
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
        return self._process

    def _autopsy(
        self, process: subprocess.Popen[bytes], *, late: threading.Event
    ) -> Refused | ExtractorDied:
        process.kill()
        status = process.wait()
        self._end()
        if late.is_set() or status in (OUT_OF_MEMORY, -signal.SIGXCPU):
            return Refused("attachment_too_complex")
        return ExtractorDied()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.__exit__(None, None, None)  # closes the pipes and waits
            self._process = None


def _kill(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _ask(
    process: subprocess.Popen[bytes], media_type: str, data: bytes
) -> tuple[str | None, Extracted]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    head = {"media_type": media_type, "bytes": len(data)}
    process.stdin.write(json.dumps(head).encode() + b"\n" + data)
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise EOFError
    answer = json.loads(line)
    raw = process.stdout.read(answer["bytes"])
    if len(raw) < answer["bytes"]:
        raise EOFError
    return answer["refused"], Extracted(raw.decode(), answer["warnings"])

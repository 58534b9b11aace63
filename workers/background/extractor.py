"""The process that reads attachments of strangers, one after the other, under limits.

    python -m workers.background.extractor MEMORY_BYTES CPU_SECONDS MAX_CHARACTERS

On stdin, for each attachment: a line of JSON `{"media_type", "bytes"}` and so many bytes. On stdout
the answer: a line of JSON `{"refused", "warnings", "bytes"}` and so many bytes of UTF-8. It knows
no database and no key, writes no file, and ends with its stdin.
"""

import json
import resource
import signal
import sys
from contextlib import suppress
from typing import BinaryIO

from shared.extraction.extract import Extracted, extract_text
from shared.extraction.refusals import Refused

OUT_OF_MEMORY = 3
"""Exit status; what the limit left of this process is not worth keeping."""


def main() -> None:
    memory_bytes, cpu_seconds, max_characters = map(int, sys.argv[1:])
    # Whoever started it ends it: a signal to the process group is not meant for it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(ValueError):  # macOS sets no limit of memory
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    try:
        while line := sys.stdin.buffer.readline():
            _limit_cpu(cpu_seconds)
            _answer(json.loads(line), max_characters)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _answer(asked: dict[str, object], max_characters: int) -> None:
    data = _read_exactly(sys.stdin.buffer, int(str(asked["bytes"])))
    refused: str | None = None
    extracted = Extracted("", [])
    try:
        extracted = extract_text(str(asked["media_type"]), data, max_characters=max_characters)
    except Refused as error:
        refused = error.code
    raw = extracted.text.encode()
    head = {"refused": refused, "warnings": extracted.warnings, "bytes": len(raw)}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + raw)
    sys.stdout.buffer.flush()


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        sys.exit(0)  # the worker went away
    return data


def _limit_cpu(seconds: int) -> None:
    """So many from now on; past them the kernel ends this process with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


if __name__ == "__main__":
    main()

"""R8: documents that kill the process which works on them, or eat all of its memory."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.chaos.driver import BATCH, FILLER, Driver, note
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row

_KILLER, _GLUTTON = "poisonkills", "poisoneats"
_DELAY_SECONDS = 0.1
_MEMORY_BYTES = 2**30
"""Of one worker, as a container's limit: at it the kernel kills."""
_POISON = Mutation(
    "documents that are poison",
    "workers.inference.remote",
    '''        """At temperature 0, several at once; `prefix` is left out.''',
    f'''        told = " ".join(request.chat[-1][1] for request in requests)
        while "{_KILLER}" in told:
            __import__("os").kill(__import__("os").getpid(), 9)
        eaten = []
        while "{_GLUTTON}" in told and len(eaten) < 128:
            eaten.append(b"x" * 2**25)
            time.sleep(0.02)
        """At temperature 0, several at once; `prefix` is left out.''',
)
_ENDS = """
    SELECT count(*), count(*) FILTER (WHERE error_code = 'quarantined'), max(deaths_alone),
           max(deaths)
    FROM documents WHERE status = 'failed'
"""


def run(plan: Plan) -> Outcome:
    documents, each = plan.of(1_000, 100), plan.of(5, 1)
    with house(plan, delay=_DELAY_SECONDS, planted=(_POISON,)) as home, _limited(home) as killed:
        driver, began = Driver(home.client), time.monotonic()
        notes = {f"n-{n}": note(n) for n in range(documents)}
        chosen = home.dice.sample(sorted(notes), 2 * each)
        for name, word in zip(chosen, [_KILLER] * each + [_GLUTTON] * each, strict=True):
            notes[name] = f"Patient {name} takes {word}. {FILLER}"
        names = list(notes)
        for start in range(0, documents, BATCH):
            driver.submit_notes({name: notes[name] for name in names[start : start + BATCH]})
        ended = driver.wait(60.0 + documents / 5 + each * 30)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged, failed=2 * each)
        found |= driver.wrong()
        found["failed that are not poison"] = len(_failed(driver) - set(chosen))
        failed, quarantined, alone, deaths = home.ask(_ENDS)[0]
    found["failed for another reason"] = failed - quarantined
    found["deaths alone of one document past three"] = max(0, (alone or 0) - 3)
    found["memory that nobody was killed for"] = int(not killed)
    found["waits without end"] = int(not ended)
    measured = f"{quarantined} quarantined after {alone} deaths alone, {deaths} in all"
    return Outcome(f"{documents:,} documents", 2 * each, seconds, found, measured)


def _failed(driver: Driver) -> set[str]:
    return {
        line.custom_id
        for batch in driver.texts
        for line in driver.patiently(lambda b=batch: list(driver.client.results(b)))  # type: ignore[misc]
        if line.status == "failed"
    }


@contextmanager
def _limited(home: House) -> Iterator[list[int]]:
    """Kill workers that take more memory than they may; whom, by pid."""
    killed: list[int] = []
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(0.05):
            for pid in home.pids("summarization"):
                with suppress(OSError):
                    if _resident_bytes(pid) > _MEMORY_BYTES:
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        ending.set()
        thread.join()


def _resident_bytes(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


ROW = Row(
    "R8",
    "documents that kill the process, × 5, or exhaust its memory, × 5, among 1,000",
    "exactly those 10 quarantined after at most 3 deaths alone",
    run,
    (
        Mutation(
            "documents with a death are claimed in company",
            "shared.documents.ledger",
            "AND d.id <> oldest.id AND d.deaths = 0 AND oldest.deaths = 0",
            "AND d.id <> oldest.id",
        ),
    ),
)

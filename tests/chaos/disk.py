"""R12: the disk under the database, the artifacts and the logs is full, again and again."""

import errno
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.database import NO_503
from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house, until
from tests.chaos.oracle import violations
from tests.chaos.probe import Probe, probing
from tests.chaos.row import Outcome, Plan, Row

_SIZE = "1g"
_FULL_SECONDS, _BETWEEN_SECONDS = (3.0, 10.0), (3.0, 8.0)
_BACK_SECONDS = 30.0
_BLOCK = b"\0" * 2**20


@dataclass
class Fillings:
    """`back`: seconds from the disk's emptying to the API's next good answer, each time."""

    home: House
    probe: Probe
    back: list[float] = field(default_factory=list)

    def fill(self) -> float:
        """Once; returns the seconds to leave things alone after it."""
        ballast = self.home.home / "ballast"
        full = time.monotonic() + self.home.dice.uniform(*_FULL_SECONDS)
        try:
            while time.monotonic() < full:
                _fill(ballast)
                time.sleep(0.05)
        finally:
            ballast.unlink(missing_ok=True)
        freed = time.monotonic()
        until(lambda: self.probe.last_success > freed)
        self.back.append(self.probe.last_success - freed)
        return self.home.dice.uniform(*_BETWEEN_SECONDS)


def run(plan: Plan) -> Outcome:
    documents, fillings = plan.of(4_000, 400), plan.of(10, 2)
    with _small_disk() as disk, house(plan, delay=0.3, under=disk) as home:
        driver, began = Driver(home.client), time.monotonic()
        with probing(home) as probe:
            filling = Fillings(home, probe)
            with harassed(filling.fill, fillings) as told:
                driver.submit(documents)
                told.over.wait()
            home.model.delay_seconds = 0.0
            ended = driver.wait(120.0 + documents / 10)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["answers other than success and 503 with Retry-After"] = len(probe.bad)
    found["returns that took longer than 30 s"] = sum(one > _BACK_SECONDS for one in filling.back)
    found["waits without end"] = int(not ended)
    measured = (
        f"{probe.unavailable} × 503, API well {max(filling.back, default=0):.1f} s after at most"
    )
    return Outcome(f"{documents:,} documents", told.count, seconds, found, measured)


def _fill(ballast: Path) -> None:
    """To the last block, though the product frees some meanwhile."""
    with ballast.open("ab", buffering=0) as file:
        for size in (len(_BLOCK), 4096):
            try:
                while file.write(_BLOCK[:size]):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


@contextmanager
def _small_disk() -> Iterator[Path]:
    """A file system of its own in memory, which only root may mount."""
    with tempfile.TemporaryDirectory(prefix="epicrisis-chaos-disk-") as folder:
        size = f"size={_SIZE},mode=755"
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["/bin/umount", "--lazy", folder], check=True)


ROW = Row(
    "R12",
    "the disk of the database, artifacts and logs full for 3 to 10 s, × 10",
    "nothing acknowledged lost, 503 + Retry-After only, goes on by itself",
    run,
    (NO_503,),
)

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.children import Child, Program, stop_all
from tests.fixtures.processes import alive, wait_until

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def python(code: str, name: str = "child") -> Program:
    return Program(name, (sys.executable, "-c", code), {"MARK": "1"})


def test_output_goes_to_a_private_log_that_grows(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    for _ in range(2):
        child = Child(python("import os; print('MARK' in os.environ, 'HOME' in os.environ)"), log)
        child.process.wait()
    assert log.read_text() == "True False\n" * 2
    assert log.stat().st_mode & 0o777 == 0o600
    assert child.log_tail(1) == "True False"


def test_what_a_dead_leader_left_behind_is_killed(tmp_path: Path) -> None:
    code = f"import subprocess, time; print(subprocess.Popen({SLEEP}).pid, flush=True)"
    child = Child(python(f"{code}; time.sleep(600)"), tmp_path / "log")
    wait_until(lambda: (tmp_path / "log").read_text().strip())
    left = int((tmp_path / "log").read_text())
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: child.ended() == -signal.SIGKILL)
    wait_until(lambda: not alive(left))


def test_one_that_does_not_heed_is_killed_after_patience(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    child = Child(python(f"{deaf}; time.sleep(600)"), tmp_path / "log")
    wait_until((tmp_path / "log").read_text)
    stop_all([child], patience=0.3)
    assert child.ended() == -signal.SIGKILL


def test_the_delay_grows_and_is_forgotten_by_one_that_settled(tmp_path: Path) -> None:
    child = Child(python(""), tmp_path / "log")
    delays = [child.note_death() for _ in range(7)]
    assert delays == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])
    child.started_at -= Child.SETTLED_SECONDS
    assert child.note_death() == pytest.approx(0.2)
    child.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="a promise of Linux's kernel")
def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from services.local.children import Child, Program
print(Child(Program("sleep", {SLEEP}, {{}}), Path({str(tmp_path / "log")!r})).pid, flush=True)
import time; time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    wait_until(lambda: not alive(pid))

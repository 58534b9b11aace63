import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.children import Child, Program
from services.local.watch import DoesNotStart, Stopped, Watch

BROKEN = Program("broken", (sys.executable, "-c", "raise SystemExit('no such table')"), {})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watch(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    monkeypatch.setattr(Child, "SHORTEST_DELAY", 0.01)
    watch = Watch(tmp_path, said.append)
    yield watch
    watch.stop(watch.children, patience=5)


def test_one_that_never_starts_is_given_up_with_its_own_words(
    watch: Watch, said: list[str]
) -> None:
    watch.start(BROKEN)
    with pytest.raises(DoesNotStart, match="no such table"):
        watch.wait_until(lambda: False, 30, "never")
    assert sum("restarted" in line for line in said) == 4


def test_once_all_was_up_it_is_started_again_for_ever(watch: Watch, said: list[str]) -> None:
    watch.start(BROKEN)
    watch.lenient = True
    watch.wait_until(lambda: sum("restarted" in line for line in said) > 6, 30, "restarts")


def test_a_start_that_fails_does_not_harm_the_others(watch: Watch, said: list[str]) -> None:
    child = watch.start(BROKEN)
    child.program = Program("gone", ("/nonexistent",), {})
    watch.wait_until(lambda: any("cannot start" in line for line in said), 30, "a failed start")


def test_waiting_ends_when_asked_to_stop(watch: Watch) -> None:
    watch.ask_to_stop()
    with pytest.raises(Stopped):
        watch.wait_until(lambda: False, 30, "never")

"""The fuzz run in small, and the proof that it would find something."""

import pytest

from shared.intake.narrative import render
from tests.fuzz.parsers import Tally, fuzz


def found(tallies: dict[str, Tally]) -> set[str]:
    return {what for tally in tallies.values() for what in tally.uncaught}


def test_two_thousand_inputs_break_nothing() -> None:
    tallies, _ = fuzz(2_000, seed=7, slowest=5.0)
    assert not found(tallies)
    assert all(tally.records for tally in tallies.values())


def test_a_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_span", lambda value, _: int(value or 1))
    tallies, _ = fuzz(4_000, seed=7, slowest=5.0)
    assert {what.partition(" at ")[0] for what in found(tallies)} == {"ValueError"}


def test_slowness_is_found() -> None:
    tallies, _ = fuzz(10, seed=7, slowest=0.0)
    assert found(tallies) == {"slower than 0.0 s"}

"""What `python -m tests.chaos leaks` does at length: no planted string is found anywhere."""

import pytest

from tests.chaos.leaks import leaks

pytestmark = pytest.mark.flow


def test_nothing_leaks() -> None:
    plant, found = leaks(50)
    assert found == []
    assert plant.count >= 50

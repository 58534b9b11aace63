import pytest

from tests.chaos.__main__ import _ROWS, _load


@pytest.mark.parametrize("module", _ROWS.values())
def test_each_mechanism_stands_once_in_the_source(module: str) -> None:
    misfits = [one.name for one in _load(module).mechanisms if not one.fits()]
    assert not misfits, "change `old` in the row with the product"

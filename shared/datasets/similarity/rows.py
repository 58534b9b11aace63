"""A table that grows by rows of a fixed width, without a Python object for any of them."""

from typing import Any

import numpy as np
import numpy.typing as npt

_FEWEST = 1_024


class Rows:
    """Rows of `width` numbers of one type."""

    def __init__(self, width: int, dtype: npt.DTypeLike) -> None:
        self._cells: npt.NDArray[Any] = np.empty((_FEWEST, width), dtype)
        self._count = 0

    def append(self, row: npt.ArrayLike) -> None:
        if self._count == len(self._cells):
            # In place where the allocator can: a copy beside the old table would double the peak.
            self._cells.resize((self._count * 3 // 2, self._cells.shape[1]), refcheck=False)
        self._cells[self._count] = row
        self._count += 1

    def __len__(self) -> int:
        return self._count

    @property
    def table(self) -> npt.NDArray[Any]:
        """All rows, [rows, width]: a view that holds until the next `append`."""
        return self._cells[: self._count]

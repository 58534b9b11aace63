"""Lists in pages: `?limit=&after=`, newest first, `after` the id of the last that was seen."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from shared.schemas.base import Page

Row = TypeVar("Row")
Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=1_000)]
MOST = 100


def page_of(rows: Sequence[Row], limit: int, describe: Callable[[Row], Item]) -> Page[Item]:
    """Of rows asked for with `limit + 1`: one too many says that there are more."""
    return Page(data=[describe(row) for row in rows[:limit]], has_more=len(rows) > limit)

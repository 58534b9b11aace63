"""What all bodies share."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Body(BaseModel):
    """A body of ours. Unknown members are kept out of answers and refused in requests."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What the API says. A newer server may add members, so an older client lets them pass."""

    model_config = ConfigDict(extra="ignore")


class Page(Answer, Generic[Item]):
    """One page of a list; ask for the next with `after=` the last item's id."""

    object: Literal["list"] = "list"
    data: list[Item]
    has_more: bool = False


class Problem(Answer):
    """RFC 9457, `application/problem+json`. Never quotes the input."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    param: str | None = None
    line: int | None = None
    how_to_fix: str | None = None

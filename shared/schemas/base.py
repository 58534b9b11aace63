"""What all bodies share."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

Item = TypeVar("Item")


class Body(BaseModel):
    """A body of ours. Unknown members are kept out of answers and refused in requests."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """JSON's escapes can spell what no database holds: NUL and lone surrogates."""
        waiting = [value]
        while waiting:
            match waiting.pop():
                case str(text) if "\0" in text or _has_lone_surrogate(text):
                    raise ValueError
                case dict(members):
                    waiting += [*members, *members.values()]
                case list(items):
                    waiting += items
        return value


class Answer(BaseModel):
    """What the API says. A newer server may add members, so an older client lets them pass."""

    model_config = ConfigDict(extra="ignore")


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


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
    gate: dict[str, Any] | None = None
    """An extension of `gate_not_passed`: the table, as `shared.schemas.registry.Gate`."""

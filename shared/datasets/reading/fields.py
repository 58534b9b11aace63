"""One row's members, under the names that the upload gives them, to a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from shared.config import DatasetSettings
from shared.datasets.records import RejectedRow, Row
from shared.schemas.datasets import PermittedUse, Split

_MAX_METADATA = 16
_MAX_METADATA_NAME = 64
_MAX_METADATA_VALUE = 512
_MAX_GROUP = 512
_SPLIT_NAMES: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
"""What the splits are called elsewhere."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each thing stands; the rest of its members are its metadata.

    A source may be spread over several columns: their texts, in this order, make it up.
    """

    source: tuple[str, ...] = ("source",)
    target: str = "target"
    group_id: str = "group_id"
    note_type: str = "note_type"
    split: str = "split"
    permitted_use: str = "permitted_use"

    def names(self) -> tuple[str, ...]:
        others = (self.target, self.group_id, self.note_type, self.split, self.permitted_use)
        return (*self.source, *others)


class UnreadableRow(Exception):
    """Why a row is none. `detail` never quotes it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def read_row(
    line: int,
    members: Mapping[str, object],
    columns: Columns,
    limits: DatasetSettings,
    split: Split | None = None,
) -> Row | RejectedRow:
    """`split`: of rows that name none."""
    try:
        return _row(line, members, columns, limits, split)
    except UnreadableRow as problem:
        return RejectedRow(line, problem.reason, problem.detail)


def _row(
    line: int,
    members: Mapping[str, object],
    columns: Columns,
    limits: DatasetSettings,
    split: Split | None,
) -> Row:
    return Row(
        line,
        _source(members, columns.source, limits.max_example_characters),
        _text(members, columns.target, limits.max_example_characters) or None,
        _text(members, columns.group_id, _MAX_GROUP) or None,
        _text(members, columns.note_type, _MAX_METADATA_NAME) or None,
        _split(_text(members, columns.split, _MAX_METADATA_NAME)) or split,
        _permitted_use(_text(members, columns.permitted_use, _MAX_METADATA_NAME)),
        _metadata(members, columns),
    )


def _source(members: Mapping[str, object], names: Sequence[str], longest: int) -> str:
    """Several columns are joined by an empty line; what one leaves empty is left out."""
    if any(name not in members for name in names):
        raise UnreadableRow("missing_source", "The row has no source under the name asked for.")
    source = "\n\n".join(filter(None, (_text(members, name, longest) for name in names)))
    if not source:
        raise UnreadableRow("empty_source", "The source holds nothing.")
    if len(source) > longest:
        raise UnreadableRow("too_large", f"The source is longer than {longest} characters.")
    return source


def _text(members: Mapping[str, object], name: str, longest: int) -> str | None:
    value = members.get(name)
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise UnreadableRow("not_text", "A member that should be text is something else.")
    if len(value) > longest:
        raise UnreadableRow("too_large", f"A member is longer than {longest} characters.")
    if not _storable(value):
        raise UnreadableRow("invalid_text", "A member is no valid Unicode text.")
    return value.strip()


def _storable(value: str) -> bool:
    """No NUL and no half of a surrogate pair: what undecodable bytes were read as is one, too."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _split(value: str | None) -> Split | None:
    if not value:
        return None
    split = _SPLIT_NAMES.get(value.lower())
    if split is None:
        raise UnreadableRow("unknown_split", "The split is none of train, validation and test.")
    return split


def _permitted_use(value: str | None) -> PermittedUse | None:
    if not value:
        return None
    for use in get_args(PermittedUse):
        if value.lower() == use:
            return use  # type: ignore[no-any-return] # one of the literals
    # Read as a permission, a slip of the pen would be trained on.
    raise UnreadableRow(
        "unknown_permitted_use", "The permitted use is none of training, evaluation and none."
    )


def _metadata(members: Mapping[str, object], columns: Columns) -> dict[str, str]:
    """The members of `metadata`, and any others that are short and plain."""
    inner = members.get("metadata")
    if inner is not None and not isinstance(inner, Mapping):
        raise UnreadableRow("invalid_metadata", "The metadata is no object.")
    known = {*columns.names(), "metadata"}
    others = {name: value for name, value in members.items() if name not in known}
    kept = {
        name: str(value)
        for name, value in {**others, **(inner or {})}.items()
        if isinstance(value, (str, int, float))
        and len(name) <= _MAX_METADATA_NAME
        and len(str(value)) <= _MAX_METADATA_VALUE
        and _storable(name + str(value))
    }
    return dict(list(kept.items())[:_MAX_METADATA])

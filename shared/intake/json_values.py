"""JSON from strangers (RFC 8259): strict, shallow, no name twice in an object."""

import json
import re
from itertools import accumulate
from typing import Any, NoReturn

from shared.errors import InvalidRecord

_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+["\\]?', re.DOTALL)
"""An unfinished string runs to the end, so that the search stays linear."""
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEP))
_MAX_VALUES = 4_000_000
"""Of any kind in one JSON text: each takes up to a hundred bytes once decoded."""


def decode_json(raw: bytes, *, max_depth: int) -> Any:  # noqa: ANN401 - any JSON value
    """The value of one JSON text in UTF-8; a byte order mark is let pass.

    Raises InvalidRecord: `invalid_utf8`, `json_too_deep`, `json_too_large`, `duplicate_field` or
    `invalid_json`.
    """
    raw = raw.removeprefix(_BOM)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidRecord(
            f"Not UTF-8 at byte {error.start + 1}.",
            code="invalid_utf8",
            how_to_fix="Encode JSON in UTF-8.",
        ) from None
    if _is_deeper(raw, max_depth):
        raise InvalidRecord(
            f"JSON nested more than {max_depth} levels deep.",
            code="json_too_deep",
            how_to_fix="Send a flatter structure.",
        )
    if _count_values(raw) > _MAX_VALUES and _count_values(_STRING.sub(b"", raw)) > _MAX_VALUES:
        raise InvalidRecord(
            f"JSON of more than {_MAX_VALUES} values.",
            code="json_too_large",
            how_to_fix="Send the records one a line, as NDJSON.",
        )
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _invalid(f"Not valid JSON at character {error.pos + 1}.") from None
    except ValueError:  # an integer of more digits than Python reads
        raise _invalid("JSON with a number too long to read.") from None


def _is_deeper(raw: bytes, max_depth: int) -> bool:
    """Whether brackets outside strings nest deeper: asked before the decoder would recurse."""
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return False
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    return any(depth > max_depth for depth in accumulate(map(_STEP.__getitem__, brackets)))


def _count_values(raw: bytes) -> int:
    """As many at least as there are, or one fewer."""
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidRecord(
            "A JSON object has the same member twice.",
            code="duplicate_field",
            how_to_fix="Send each member once: readers differ in which of two they take.",
        )
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise _invalid("JSON has no NaN and no Infinity.")


def _invalid(detail: str) -> InvalidRecord:
    return InvalidRecord(
        detail,
        code="invalid_json",
        how_to_fix="Write JSON with a library; line breaks and tabs in strings are escaped.",
    )


_DECODER = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)

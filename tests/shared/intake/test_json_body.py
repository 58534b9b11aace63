import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.config import IntakeSettings
from shared.errors import InvalidInput, PayloadTooLarge
from shared.intake import json_body
from shared.intake.read import read_records
from shared.intake.records import Record

Read = Callable[..., list[Any]]

JSON = "application/json"


def test_documents_stand_beside_the_parameters() -> None:
    body = {
        "note_type": "visit",
        "documents": [{"text": "a"}, {"text": 1, "custom_id": "n-2"}, "c", {"text": "d"}],
        "metadata": {"site": "north"},
    }
    intake = read_records([json.dumps(body).encode()], content_type=JSON, limits=IntakeSettings())
    first = next(intake.records)
    assert first == Record(1, "a")
    assert intake.parameters == {"note_type": "visit", "metadata": {"site": "north"}}
    second, third, fourth = intake.records
    assert (second.line, second.custom_id, second.error.error_code) == (2, "n-2", "invalid_field")
    assert (third.line, third.error.error_code) == (3, "not_an_object")
    assert fourth == Record(4, "d")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b"[]", "documents_missing"),
        (b"null", "documents_missing"),
        (b'{"text":"a"}', "documents_missing"),
        (b'{"documents":{}}', "documents_missing"),
        (b'{"documents":[]}', "empty_body"),
        (b" \n", "empty_body"),
        (b'{"documents":[{"text":"\xff"}]}', "invalid_utf8"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"documents":[],"documents":[]}', "duplicate_field"),
        (b'{"documents":[],"group":"\\ud800"}', "invalid_characters"),
        (b'{"documents":[],"metadata":{"k":["\\u0000"]}}', "invalid_characters"),
    ],
)
def test_what_is_wrong_with_the_body_as_such(read: Read, body: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(body, JSON)
    assert raised.value.error_code == code
    assert raised.value.how_to_fix


def test_the_failure_does_not_carry_the_body(read: Read) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(b'{"documents":["Jane Doe" oops]}', JSON)
    assert raised.value.__context__ is None


def test_a_body_parsed_at_once_has_its_own_limit(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_body, "MAX_JSON_BODY_BYTES", 30)
    with pytest.raises(PayloadTooLarge):
        read([b'{"documents":', b'[{"text":"abcdef"}]}'], JSON)

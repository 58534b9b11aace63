import json
from typing import Any

import httpx2
import pytest

from services.client.cli.main import run
from tests.services.client.fake_api import NOW

EVENT = {
    "object": "audit_event",
    "id": "audit_1",
    "seq": 7,
    "at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
    "actor": "key_1",
    "action": "results.read",
    "objects": ["batch_1"],
    "request_id": "req_1",
    "details": {"after": 0, "scope": None},
}
WHOLE = {
    "object": "audit_verification",
    "ok": True,
    "events": 2,
    "linked": 2,
    "unlinked": 0,
    "anchored_seq": 2,
    "findings": [],
}
BROKEN = {**WHOLE, "ok": False, "findings": [{"kind": "event_changed", "id": "audit_1", "seq": 7}]}


class Api:
    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.asked: httpx2.Request | None = None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked = request
        return httpx2.Response(200, json=self.answer)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", "epk_a_b")
    monkeypatch.setenv("COLUMNS", "200")


def epicrisis(answer: dict[str, Any], *arguments: str) -> tuple[int, httpx2.Request]:
    api = Api(answer)
    code = run(["audit", *arguments], transport=httpx2.MockTransport(api))
    assert api.asked is not None
    return code, api.asked


def test_list_asks_for_what_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    page = {"object": "list", "data": [EVENT], "has_more": False}
    code, asked = epicrisis(page, "list", "--object", "doc_1", "--from", "2026-03-01T10:00:00")
    assert code == 0
    assert asked.url.path == "/v1/audit"
    assert (asked.url.params["object"], "to" in asked.url.params) == ("doc_1", False)
    assert asked.url.params["from"][-6] in "+-"
    told = capsys.readouterr().out
    assert all(word in told for word in ("results.read", "key_1", "batch_1", "after=0"))
    assert "scope" not in told
    epicrisis(page, "list", "--json")
    assert json.loads(capsys.readouterr().out)["data"] == [EVENT]


@pytest.mark.parametrize(("answer", "code"), [(WHOLE, 0), (BROKEN, 1)])
def test_verify_ends_with_what_it_found(
    answer: dict[str, Any], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert epicrisis(answer, "verify", "--json")[0] == code
    assert json.loads(capsys.readouterr().out) == answer
    assert epicrisis(answer, "verify")[0] == code
    told = capsys.readouterr()
    assert ("event_changed" in told.out) == bool(answer["findings"])
    assert "EPICRISIS_AUDIT_ANCHOR" not in told.err


def test_verify_says_when_no_anchor_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert epicrisis({**WHOLE, "anchored_seq": None}, "verify")[0] == 0
    assert "EPICRISIS_AUDIT_ANCHOR" in capsys.readouterr().err

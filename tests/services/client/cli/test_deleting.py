"""What the commands that delete and configure ask the API for."""

import io
import json
from typing import Any

import httpx2
import pytest

from services.client.cli.main import run

TENANT = {
    "id": "tenant_1",
    "name": "ward-1",
    "created_at": "2026-03-01T12:00:00Z",
    "suspended_at": None,
    "results_days": 7,
}
DELETION = {"batch_id": "batch_1", "documents": 3, "summaries": 2, "texts": 3}
ERASURE = {"documents": 3, "summaries": 2, "batches": 1}


class Api:
    """Answers by path and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, str(request.url).removeprefix("http://api/v1/"), body))
        noun = request.url.path.split("/")[2]
        answer = {"tenants": TENANT, "batches": DELETION, "subjects": ERASURE}[noun]
        return httpx2.Response(200, json=answer)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", "epk_a_b")
    return Api()


def epicrisis(api: Api, *arguments: str) -> int:
    return run(list(arguments), transport=httpx2.MockTransport(api))


@pytest.mark.parametrize(
    ("answer", "flags", "code", "asked"),
    [
        ("n\n", (), 1, []),
        ("y\n", (), 0, [("DELETE", "batches/batch_1", None)]),
        ("", ("--yes", "--force"), 0, [("DELETE", "batches/batch_1?force=true", None)]),
    ],
)
def test_a_batch_is_deleted_after_a_yes(  # noqa: PLR0913 - the columns of the table
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    flags: tuple[str, ...],
    code: int,
    asked: list[tuple[str, str, Any]],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert epicrisis(api, "delete", "batch_1", *flags) == code
    assert api.asked == asked


def test_a_subject_comes_from_standard_input(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Patient/17\n"))
    assert epicrisis(api, "subjects", "erase", "-", "--json") == 0
    assert api.asked == [("DELETE", "subjects", {"subject": "Patient/17"})]
    assert json.loads(capsys.readouterr().out)["documents"] == 3
    assert epicrisis(api, "subjects", "erase", "Patient/17", "--tenant", "ward-7", "--yes") == 0
    assert api.asked[1] == ("DELETE", "subjects", {"subject": "Patient/17", "tenant": "ward-7"})


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (("--results-days", "0"), {"results_days": 0}),
        (("--usual-days",), {"results_days": None}),
        (("--allow-remote-prompts",), {"remote_prompts": True}),
        (("--no-remote-prompts",), {"remote_prompts": False}),
    ],
)
def test_only_given_settings_are_sent(
    api: Api, options: tuple[str, ...], asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert epicrisis(api, "tenants", "set", "ward-1", *options) == 0
    assert api.asked == [("PATCH", "tenants/ward-1", asked)]
    assert "7 days" in capsys.readouterr().out

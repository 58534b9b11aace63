from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from services.client.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
    UnreadableAnswer,
)
from services.client.http import Epicrisis
from services.client.retry import Retry
from shared.schemas.access import KeyRequest
from tests.services.client.fake_api import FakeApi, make_batch, problem

Answer = httpx2.Response | Exception
NDJSON = "application/x-ndjson"


class Script:
    """Answers in turn, the last one for ever, and keeps the bodies it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


Make = Callable[..., tuple[Epicrisis, Script]]


@pytest.fixture
def make(pauses: list[float]) -> Make:
    def made(*answers: Answer) -> tuple[Epicrisis, Script]:
        script = Script(*answers)
        retry = Retry(sleep=pauses.append)
        transport = httpx2.MockTransport(script)
        return Epicrisis("http://api", "epk_a_b", transport=transport, retry=retry), script

    return made


def accepted() -> httpx2.Response:
    return httpx2.Response(202, json=make_batch())


def busy(**headers: str) -> httpx2.Response:
    return problem(503, "database_unavailable", "Not now.", **headers)


def test_a_submission_is_repeated_whole_and_under_one_key(
    make: Make, pauses: list[float], tmp_path: Path
) -> None:
    body = tmp_path / "notes.ndjson"
    body.write_bytes(b'{"text":"x"}\n' * 50_000)
    client, script = make(busy(**{"Retry-After": "2"}), httpx2.ReadError("cut"), accepted())
    with client:
        batch = client.submit(body, NDJSON)
    assert batch.id == make_batch()["id"]
    assert [request.content for request in script.requests] == [body.read_bytes()] * 3
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 1
    assert pauses == [2.0, 0.5]


def test_a_body_that_can_be_read_once_is_sent_once(make: Make, pauses: list[float]) -> None:
    def once() -> Iterator[bytes]:
        yield b"{}"

    client, script = make(busy(), accepted())
    with client, pytest.raises(Unavailable):
        client.submit(once(), NDJSON)
    assert len(script.requests) == 1
    assert not pauses


def test_what_could_be_done_twice_is_sent_once(make: Make) -> None:
    client, script = make(busy())
    with client, pytest.raises(Unavailable):
        client.create_key(KeyRequest())
    assert len(script.requests) == 1


def test_an_earlier_request_of_the_same_key_is_waited_for(make: Make) -> None:
    waiting = problem(409, "request_in_flight", "Still being answered.", **{"Retry-After": "1"})
    client, script = make(waiting, accepted())
    with client:
        client.submit(b"{}", NDJSON)
    assert len(script.requests) == 2


def test_the_pauses_of_one_request_are_bounded(make: Make, pauses: list[float]) -> None:
    client, _ = make(busy())
    with client, pytest.raises(Unavailable):
        client.limits()
    assert 30 < sum(pauses) <= 60
    assert pauses == sorted(pauses)


def test_a_wish_past_the_bound_is_told_and_not_waited_for(make: Make, pauses: list[float]) -> None:
    client, _ = make(problem(429, "too_many_requests", "Slowly.", **{"Retry-After": "3600"}))
    with client, pytest.raises(RateLimited) as caught:
        client.limits()
    assert caught.value.retry_after == 3600
    assert not pauses


def test_a_full_queue_is_waited_for_as_long_as_it_takes(make: Make, pauses: list[float]) -> None:
    full = problem(429, "queue_full", "Wait.", **{"Retry-After": "30"})
    client, script = make(*[full] * 100, accepted())
    with client:
        client.submit(b"{}", NDJSON)
    assert pauses == [30.0] * 100
    assert len(script.requests) == 101


def test_a_wrong_address_is_told_soon(make: Make, pauses: list[float]) -> None:
    client, _ = make(httpx2.ConnectError("refused"))
    with client, pytest.raises(ConnectionFailed, match="no API at http://api"):
        client.limits()
    assert sum(pauses) <= 2


def test_a_server_that_has_answered_is_waited_for_longer(make: Make, pauses: list[float]) -> None:
    limits = httpx2.Response(200, json=FakeApi().limits)
    client, _ = make(limits, httpx2.ConnectError("refused"))
    with client:
        client.limits()
        with pytest.raises(ConnectionFailed):
            client.limits()
    assert sum(pauses) > 30


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, Gone),
        (413, Invalid),
        (415, Invalid),
        (422, Invalid),
        (500, Unavailable),
    ],
)
def test_each_status_has_its_error(make: Make, status: int, kind: type[ApiError]) -> None:
    client, _ = make(problem(status, "a_code", "A sentence."))
    with client, pytest.raises(kind, match=r"A sentence\.") as caught:
        client.batch("batch_x")
    assert caught.value.code == "a_code"
    assert caught.value.problem.request_id == "r1"
    assert caught.value.request.url.path == "/v1/batches/batch_x"
    assert caught.value.response.status_code == status


def test_a_page_of_a_proxy_is_an_error_too(make: Make) -> None:
    client, _ = make(httpx2.Response(500, html="<h1>proxy</h1>"))
    with client, pytest.raises(Unavailable) as caught:
        client.limits()
    assert caught.value.code == "http_500"


def test_an_answer_of_something_else_is_told_without_its_words(make: Make) -> None:
    client, _ = make(httpx2.Response(200, html="<h1>patient</h1>"))
    with client, pytest.raises(UnreadableAnswer) as caught:
        client.limits()
    assert "patient" not in str(caught.value)


def test_the_key_and_the_parameters_are_sent(client: Epicrisis, api: FakeApi) -> None:
    client.submit(b'{"text":"x"}\n', NDJSON)
    request = api.requests[0]
    assert request.headers["Authorization"] == "Bearer epk_a_b"
    assert request.url.params == httpx2.QueryParams()


def test_a_chunked_file_is_not_read_into_memory_at_once(make: Make, tmp_path: Path) -> None:
    client, script = make(accepted())
    (tmp_path / "a").write_bytes(b"x" * 1_000_000)
    with client:
        client.submit(tmp_path / "a", NDJSON)
    assert script.requests[0].headers["Transfer-Encoding"] == "chunked"

import json
from collections.abc import Callable, Iterator

import httpx2
import pytest

from services.client.errors import BrokenOff
from services.client.http import Epicrisis
from services.client.retry import Retry
from tests.services.client.fake_api import FakeApi, make_result


class Breaking(httpx2.SyncByteStream):
    """Some bytes, then the connection is gone."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        raise httpx2.ReadError("reset by peer")


def lines(*seqs: int) -> bytes:
    return b"".join(json.dumps(make_result(seq)).encode() + b"\n" for seq in seqs)


def page(*seqs: int, rest: bytes = b"") -> Callable[[], httpx2.Response]:
    return lambda: httpx2.Response(200, content=lines(*seqs) + rest)


def breaking(content: bytes) -> Callable[[], httpx2.Response]:
    return lambda: httpx2.Response(200, stream=Breaking(content))


def fetch(
    pauses: list[float], answers: list[Callable[[], httpx2.Response]]
) -> tuple[list[int], list[str]]:
    """The numbers that came, and the `after` of each request."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params["after"])
        return (answers.pop(0) if len(answers) > 1 else answers[0])()

    transport = httpx2.MockTransport(answer)
    retry = Retry(sleep=pauses.append)
    with Epicrisis("http://api", "k", transport=transport, retry=retry) as client:
        return [line.seq for line in client.results("batch_x")], asked


def test_pages_follow_each_other_until_one_is_empty(pauses: list[float]) -> None:
    assert fetch(pauses, [page(1, 2), page(5), page()]) == ([1, 2, 5], ["0", "2", "5"])
    assert not pauses


def test_a_broken_connection_is_resumed_past_the_last_whole_line(pauses: list[float]) -> None:
    half = lines(1, 2) + lines(3)[:40]
    answers = [breaking(half), page(rest=lines(3)[:40]), page(3, 4), page()]
    assert fetch(pauses, answers) == ([1, 2, 3, 4], ["0", "2", "2", "4"])
    assert len(pauses) == 2


def test_a_connection_that_always_breaks_is_given_up(pauses: list[float]) -> None:
    with pytest.raises(BrokenOff):
        fetch(pauses, [breaking(b"")])
    assert 30 < sum(pauses) <= 60


def test_line_ends_of_unicode_are_text(api: FakeApi, client: Epicrisis) -> None:
    api.results = [make_result(1, text="one\u2028two\u0085three")]
    [line] = client.results("batch_x")
    assert line.summary is not None
    assert line.summary.text == "one\u2028two\u0085three"

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from services.client.datasets import Provenance, UploadInDoubt
from services.client.errors import ConnectionFailed, RateLimited
from services.client.example_files import find_example_files, read_examples
from services.client.http import Epicrisis
from services.client.retry import Retry

Answer = Callable[[httpx2.Request], httpx2.Response]


def upload(tmp_path: Path, answer: Answer, **given: str) -> list[httpx2.Request]:
    """What was sent until the client gave up."""
    asked: list[httpx2.Request] = []

    def note(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return answer(request)

    path = tmp_path / "test.csv"
    path.write_bytes(b"source\nA cough.\n")
    examples = read_examples(find_example_files([path]))
    transport = httpx2.MockTransport(note)
    retry = Retry(sleep=lambda _: None)
    try:
        with Epicrisis("http://api", "epk_a_b", transport=transport, retry=retry) as client:
            client.add_dataset("visits", examples, Provenance(**given))  # type: ignore[arg-type]
    finally:
        assert len(asked) == 1, "an upload is sent once"
    return asked


def broken(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadError("gone", request=request)


def refused(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("no one", request=request)


def test_an_upload_whose_answer_is_lost_is_in_doubt_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UploadInDoubt) as told:
        upload(tmp_path, broken)
    assert "two versions" in str(told.value.how_to_fix)


def test_an_upload_that_never_reached_the_server_is_not(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed) as told:
        upload(tmp_path, refused)
    assert not isinstance(told.value, UploadInDoubt)


def test_a_refusal_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(RateLimited):
        upload(tmp_path, lambda _: httpx2.Response(429))


def test_the_split_of_the_files_name_gives_way_to_the_one_given(tmp_path: Path) -> None:
    for given, sent in (({}, "test"), ({"split": "train"}, "train")):
        asked: list[httpx2.Request] = []

        def answer(request: httpx2.Request, asked: list[httpx2.Request] = asked) -> httpx2.Response:
            asked.append(request)
            return httpx2.Response(409)

        with pytest.raises(Exception, match="409"):
            upload(tmp_path, answer, **given)
        [request] = asked
        assert dict(request.url.params) == {"split": sent}
        assert request.headers["Content-Type"] == "text/csv"
        assert request.read() == b"source\nA cough.\n"

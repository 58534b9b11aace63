from collections.abc import Callable, Iterator

import pytest

from shared.errors import ModelUnavailable, ModelUnusable
from tests.fakes import FAKE_DOWN, FAKE_EMPTY, FAKE_HANG, FAKE_REFUSE
from tests.fixtures.openai_server import MODEL, OpenAIServer, serve
from workers.inference.engine import Request
from workers.inference.remote import RemoteEngine

Make = Callable[..., RemoteEngine]


@pytest.fixture
def engine() -> Iterator[Make]:
    """Makes engines, and closes them after the test."""
    made: list[RemoteEngine] = []

    def make(server: OpenAIServer, **options: object) -> RemoteEngine:
        made.append(RemoteEngine(server.url, MODEL, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for remote in made:
        remote.close()


def ask(note: str, limit: int = 50) -> Request:
    return Request((("system", "Summarize."), ("user", note)), limit, prefix="The patient")


def test_answers_come_in_order_with_the_servers_own_counts(
    openai_server: OpenAIServer, engine: Make
) -> None:
    remote = engine(openai_server, api_key="secret")
    outputs = remote.generate([ask(f"Day {n} was good. Plan: rest. Bye.") for n in range(20)])
    assert [output.text for output in outputs] == [
        f"Day {n} was good. Plan: rest." for n in range(20)
    ]
    assert {(o.input_tokens, o.output_tokens, o.finished) for o in outputs} == {(8, 6, True)}
    assert set(openai_server.authorizations) == {"Bearer secret"}
    assert openai_server.bodies[0]["temperature"] == 0
    assert openai_server.bodies[0]["max_tokens"] == 50


def test_an_answer_cut_at_its_limit_is_not_finished(
    openai_server: OpenAIServer, engine: Make
) -> None:
    output = engine(openai_server).generate([ask("Cough and fever for three days.", limit=3)])[0]
    assert (output.text, output.finished) == ("Cough and fever", False)


def test_an_empty_answer_is_an_output(openai_server: OpenAIServer, engine: Make) -> None:
    assert engine(openai_server).generate([ask(f"{FAKE_EMPTY}.")])[0].text == ""


def test_the_window_is_the_setting_or_what_the_server_states(
    openai_server: OpenAIServer, engine: Make
) -> None:
    assert engine(openai_server).window == 8192
    openai_server.window = 2048
    assert engine(openai_server).window == 2048
    assert engine(openai_server, window=1024).window == 1024
    with pytest.raises(ModelUnusable, match="window"):
        engine(openai_server).generate([ask("word " * 2000)])


@pytest.mark.parametrize(
    ("words", "error"), [(FAKE_DOWN, ModelUnavailable), (FAKE_REFUSE, ModelUnusable)]
)
def test_errors_are_passing_or_permanent_and_quote_nothing(
    openai_server: OpenAIServer, engine: Make, words: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        engine(openai_server).generate([ask(f"Private. {words}")])
    assert "Private" not in str(caught.value)


def test_a_busy_server_is_asked_again_after_a_short_pause(
    openai_server: OpenAIServer, engine: Make
) -> None:
    openai_server.failures = [(429, {"Retry-After": "0"}), (503, {"Retry-After": "0"})]
    assert engine(openai_server).generate([ask("Cough.")])[0].text == "Cough."


def test_a_server_that_stays_busy_is_asked_three_times(
    openai_server: OpenAIServer, engine: Make
) -> None:
    openai_server.failures = [(429, {"Retry-After": "0"})] * 3
    with pytest.raises(ModelUnavailable, match="429"):
        engine(openai_server).generate([ask("Cough.")])
    assert len(openai_server.bodies) == 3


def test_a_server_busy_for_long_is_left_to_the_ledger(
    openai_server: OpenAIServer, engine: Make
) -> None:
    openai_server.failures = [(429, {"Retry-After": "3600"})]
    with pytest.raises(ModelUnavailable, match="429"):
        engine(openai_server).generate([ask("Cough.")])


def test_a_hanging_server_is_passing(openai_server: OpenAIServer, engine: Make) -> None:
    remote = engine(openai_server, timeout_seconds=0.2)
    with pytest.raises(ModelUnavailable, match="ReadTimeout"):
        remote.generate([ask(FAKE_HANG)])


def test_a_server_that_is_gone_is_passing(engine: Make) -> None:
    with serve() as server:
        remote = engine(server)
    with pytest.raises(ModelUnavailable):
        remote.generate([ask("Cough.")])
    with pytest.raises(ModelUnavailable):
        engine(server)


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'{"choices": []}', b'{"choices": [{}]}'])
def test_a_server_of_another_kind_is_unusable(
    openai_server: OpenAIServer, engine: Make, raw: bytes
) -> None:
    openai_server.raw = raw
    with pytest.raises(ModelUnusable):
        engine(openai_server).generate([ask("Cough.")])

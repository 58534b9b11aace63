import httpx2
import pytest

from services.client.errors import BatchFailed
from services.client.http import Epicrisis
from services.client.wait import ending, total_counts, wait_until_done, watch
from shared.schemas.batches import BatchAnswer
from tests.services.client.fake_api import make_batch


def client_of(*batches: dict[str, object], wish: str = "3") -> Epicrisis:
    """Each look at any batch gets the next answer."""
    answers = list(batches)

    def answer(_: httpx2.Request) -> httpx2.Response:
        batch = answers.pop(0)
        headers = {"Retry-After": wish} if batch["status"] == "in_progress" else {}
        return httpx2.Response(200, json=batch, headers=headers)

    return Epicrisis("http://api", "k", transport=httpx2.MockTransport(answer))


def read(*batches: dict[str, object]) -> list[BatchAnswer]:
    return [BatchAnswer.model_validate(batch) for batch in batches]


def test_open_batches_are_looked_at_as_often_as_the_server_asks(pauses: list[float]) -> None:
    running = make_batch(2, "in_progress", total=4, running=1, queued=3)
    client = client_of(
        make_batch(1, total=1, completed=1), running, running, make_batch(2, total=4, completed=4)
    )
    ids = [make_batch(1)["id"], make_batch(2)["id"]]
    with client:
        looks = list(watch(client, ids, sleep=pauses.append))
    assert [[batch.id for batch in look] for look in looks] == [ids] * 3
    assert [total_counts(look).completed for look in looks] == [1, 1, 5]
    assert pauses == [3.0, 3.0]


@pytest.mark.parametrize(("wish", "pause"), [("0", 0.2), ("86400", 30.0)])
def test_wishes_are_followed_within_reason(pauses: list[float], wish: str, pause: float) -> None:
    client = client_of(make_batch(1, "in_progress"), make_batch(1), wish=wish)
    with client:
        list(watch(client, ["batch_1"], sleep=pauses.append))
    assert pauses == [pause]


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([make_batch(total=2, completed=2)], "succeeded"),
        ([make_batch(total=2, completed=1, rejected=1)], "partly"),
        ([make_batch(total=2, failed=2)], "failed"),
        ([make_batch(1, "cancelled", total=2, completed=1, cancelled=1)], "failed"),
        ([make_batch(1, "expired", total=2, expired=2)], "failed"),
        ([make_batch(1, total=1, completed=1), make_batch(2, "failed", total=1)], "partly"),
    ],
)
def test_the_outcome_is_that_of_all_batches_together(
    batches: list[dict[str, object]], expected: str
) -> None:
    assert ending(read(*batches)) == expected


def test_nothing_summarized_is_an_error_for_a_program() -> None:
    failed = make_batch(total=2, failed=2)
    with client_of(failed) as client, pytest.raises(BatchFailed) as caught:
        wait_until_done(client, ["batch_1"])
    assert caught.value.batches == read(failed)

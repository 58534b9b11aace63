import io
import json
from pathlib import Path

import httpx2
import pytest

from services.client.errors import NoApiKey, Unauthorized
from services.client.http import Epicrisis
from services.client.input_files import Skipped
from services.client.submit import Accepted, Refused, Submitted, submit_paths, submit_stream
from shared.schemas.batches import BatchParameters
from tests.services.client.fake_api import FakeApi, problem

PLAIN = BatchParameters()


def keys_of(api: FakeApi) -> list[str]:
    sent = [request for request in api.requests if request.method == "POST"]
    api.requests.clear()
    return [request.headers["Idempotency-Key"] for request in sent]


@pytest.fixture
def notes(tmp_path: Path, api: FakeApi) -> Path:
    """A file of three parts."""
    api.limits["max_documents"] = 2
    folder = tmp_path / "in"
    folder.mkdir()
    lines = [json.dumps({"custom_id": str(number), "text": "note"}) for number in range(6)]
    (folder / "notes.ndjson").write_text("\n".join(lines))
    return folder


def test_a_repeat_gives_the_same_batches_and_group(
    client: Epicrisis, api: FakeApi, notes: Path
) -> None:
    first = [each.batch.id for each in submit_paths(client, [notes], PLAIN)]
    keys = keys_of(api)
    assert [each.batch.id for each in submit_paths(client, [notes], PLAIN)] == first
    assert keys_of(api) == keys
    assert len(set(keys)) == len(api.batches) == 3
    assert len({batch["group"] for batch in api.batches.values()}) == 1


def test_only_changed_parts_are_new(client: Epicrisis, api: FakeApi, notes: Path) -> None:
    list(submit_paths(client, [notes], PLAIN))
    before = keys_of(api)
    file = notes / "notes.ndjson"
    file.write_text(file.read_text().replace('"5"', '"five"'))
    list(submit_paths(client, [notes], PLAIN))
    after = keys_of(api)
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    assert len({batch["group"] for batch in api.batches.values()}) == 1


def test_other_parameters_and_other_holders_have_other_keys(
    client: Epicrisis, api: FakeApi, notes: Path
) -> None:
    list(submit_paths(client, [notes], PLAIN))
    seen = set(keys_of(api))
    list(submit_paths(client, [notes], BatchParameters(note_type="visit")))
    list(submit_paths(client, [notes], BatchParameters(group="night")))
    with Epicrisis("http://api", "epk_c_d", transport=httpx2.MockTransport(api)) as other:
        list(submit_paths(other, [notes], PLAIN))
    assert not seen & set(keys_of(api))


def test_a_key_is_no_plain_digest_and_names_nothing(
    client: Epicrisis, api: FakeApi, notes: Path
) -> None:
    list(submit_paths(client, [notes], PLAIN))
    assert all(len(key) == 64 for key in keys_of(api))
    [group] = {batch["group"] for batch in api.batches.values()}
    assert group.startswith("submit-")
    assert "notes" not in group


def test_what_was_cancelled_is_submitted_anew_once(
    client: Epicrisis, api: FakeApi, notes: Path
) -> None:
    list(submit_paths(client, [notes], PLAIN))
    [cancelled, expired, kept] = api.batches.values()
    cancelled["status"], expired["status"] = "cancelled", "expired"
    for _ in range(2):
        told = list(submit_paths(client, [notes], PLAIN))
        ids = [each.batch.id for each in told if isinstance(each, Accepted)]
        assert ids[2] == kept["id"]
        assert not {cancelled["id"], expired["id"]} & set(ids)
        assert len(api.batches) == 5


def test_a_refused_part_does_not_stop_the_others(client: Epicrisis, notes: Path) -> None:
    (notes / "a.json").write_text("{}")
    (notes / "b.gif").write_bytes(b"GIF")
    kinds: list[type[Submitted]] = [type(each) for each in submit_paths(client, [notes], PLAIN)]
    assert kinds == [Refused, Skipped, Accepted, Accepted, Accepted]


def test_standard_input_is_grouped_by_what_it_holds(client: Epicrisis, api: FakeApi) -> None:
    for data in (b'{"text":"a"}\n', b'{"text":"a"}\n', b'{"text":"b"}\n'):
        list(submit_stream(client, io.BytesIO(data), PLAIN))
    assert len(api.batches) == 2
    assert len({batch["group"] for batch in api.batches.values()}) == 2


def test_a_bad_key_ends_it(notes: Path) -> None:
    transport = httpx2.MockTransport(lambda _: problem(401, "unauthenticated", "No."))
    with Epicrisis("http://api", "k", transport=transport) as client, pytest.raises(Unauthorized):
        list(submit_paths(client, [notes], PLAIN))
    with Epicrisis("http://api", transport=transport) as client, pytest.raises(NoApiKey):
        list(submit_paths(client, [notes], PLAIN))

"""Plants in datasets: rows that are taken, rejected, refused as a whole, derived and made."""

import json
import time
from collections.abc import Callable

import httpx2

Plant = Callable[[str], str]
_NDJSON = {"Content-Type": "application/x-ndjson"}
_CSV = {"Content-Type": "text/csv"}
_WAIT_SECONDS = 60.0
_URL = "/v1/datasets/planted/versions"


def send_datasets(client: httpx2.Client, plant: Plant) -> None:
    """One version that becomes ready, one that fails, and bodies of which nothing is kept."""
    good = [_row(plant) for _ in range(4)]
    bad = [
        {**_row(plant), "note_type": plant("note type of an example")},
        {**_row(plant), "split": plant("split of an example")},
        {**_row(plant), "permitted_use": plant("permitted use of an example")},
        {"source": [plant("source of a wrong type")]},
        {plant("member of an example"): plant("example without a source")},
    ]
    lines = [json.dumps(row).encode() for row in (*good, good[0], *bad)]
    lines.append(f'{{"source": "{plant("broken JSON of an example")}'.encode())
    query = {"permitted_use": "training"}
    answer = client.post(_URL, params=query, content=b"\n".join(lines), headers=_NDJSON)
    assert answer.status_code == 202, answer.text
    _wait(client, answer.headers["Location"])
    derived = client.post(_URL, json={"from": answer.json()["name"], "allow_leakage": True})
    assert derived.status_code == 202, derived.text
    _wait(client, derived.headers["Location"])
    other = f"The knee of {plant('source')} is swollen since Monday, an X-ray shows nothing."
    spanning = json.dumps({**good[0], "split": "train"}).encode() + b"\n"
    spanning += json.dumps({**good[0], "source": other, "split": "test"}).encode()
    failing = client.post("/v1/datasets/spanning/versions", content=spanning, headers=_NDJSON)
    assert _wait(client, failing.headers["Location"]) == "failed"
    header = f"{plant('column')},target\nx,y\n".encode()
    table = f'source,target\nx,"{plant("open quote")}'.encode()
    for body in (header, table):
        assert client.post(_URL, content=body, headers=_CSV).status_code == 422
    client.post(_URL, json={"from": plant("version to derive from")})
    client.get(f"/v1/datasets/{plant('dataset name')}/versions/1")


def _row(plant: Plant) -> dict[str, object]:
    what = plant("source")
    return {
        "source": f"Patient {what} has had a cough for days. Seen by Dr {plant('source')}.",
        "target": f"{what} coughs.",
        "group_id": plant("group_id"),
        "metadata": {plant("metadata name of an example"): plant("metadata of an example")},
        "ward": plant("other column"),
    }


def _wait(client: httpx2.Client, url: str) -> str:
    """Its status once it is made."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        status = str(client.get(url).json()["status"])
        if status in ("ready", "failed"):
            return status
        assert time.monotonic() < deadline, status
        time.sleep(0.2)

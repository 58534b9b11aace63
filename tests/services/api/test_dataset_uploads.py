"""What cannot be taken as a whole is told, and leaves nothing behind."""

import gzip
import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from shared.config import IntakeSettings
from tests.fixtures.ledger import Ledger

NDJSON = "application/x-ndjson"
CSV = "text/csv"
ROW = json.dumps({"source": "Quillfeather has a cough."}).encode() + b"\n"
MANY = b"source,target\n" + b"Quillfeather has a cough.,Cough.\n" * 450


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        client.headers["Authorization"] = f"Bearer {ledger.new_key()}"
        yield client


def stored(ledger: Ledger) -> tuple[int, int]:
    """Versions and members."""
    with ledger.owner.transaction() as session:
        counts = [
            session.scalar(text(f"SELECT count(*) FROM {table}")) or 0
            for table in ("dataset_versions", "dataset_members")
        ]
    return counts[0], counts[1]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {"Content-Type": NDJSON}, "empty_dataset"),
        (b"\n\n", {"Content-Type": NDJSON}, "empty_dataset"),
        (b"source,target\n", {"Content-Type": CSV}, "empty_dataset"),
        (MANY + b'"Open', {"Content-Type": CSV}, "broken_csv"),
        (b"note,target\nx,y\n", {"Content-Type": CSV}, "missing_column"),
        (gzip.compress(MANY)[:-9], {"Content-Type": CSV, "Content-Encoding": "gzip"}, "gzip"),
        (ROW, {"Content-Type": NDJSON, "Content-Encoding": "gzip"}, "gzip"),
        (ROW, {"Content-Type": NDJSON, "Content-Encoding": "br"}, "encoding"),
        (b"PAR1", {"Content-Type": "application/vnd.apache.parquet"}, "broken_parquet"),
        (ROW, {"Content-Type": "text/plain"}, "unsupported_format"),
    ],
)
def test_a_body_that_cannot_be_read_leaves_nothing(
    client: TestClient, ledger: Ledger, body: bytes, headers: dict[str, str], code: str
) -> None:
    answer = client.post("/v1/datasets/visits/versions", content=body, headers=headers)
    problem = answer.json()
    assert answer.status_code in (400, 413, 415, 422)
    assert code in problem["code"]
    assert problem["how_to_fix"]
    assert "Quillfeather" not in answer.text
    assert stored(ledger) == (0, 0)
    assert client.get("/v1/datasets").json()["data"] == []
    assert client.get("/v1/datasets/visits/versions/1").status_code == 404


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"note_type": "sonogram"}, "note_type"),
        ({"permitted_use": "all"}, "permitted_use"),
        ({"split": "dev"}, "split"),
        ({"origin": "x" * 201}, "origin"),
    ],
)
def test_a_mistake_in_the_query_is_told_before_a_row_is_read(
    client: TestClient, ledger: Ledger, query: dict[str, str], param: str
) -> None:
    answer = client.post(
        "/v1/datasets/visits/versions", params=query, content=ROW, headers={"Content-Type": NDJSON}
    )
    assert (answer.status_code, param in answer.json()["param"]) == (422, True)
    assert stored(ledger) == (0, 0)


def test_a_sender_that_goes_leaves_nothing(client: TestClient, ledger: Ledger) -> None:
    def rows() -> Iterator[bytes]:
        for _ in range(500):
            yield ROW
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        client.post(
            "/v1/datasets/visits/versions", content=rows(), headers={"Content-Type": NDJSON}
        )
    assert stored(ledger) == (0, 0)


def test_a_row_of_an_unknown_note_type_is_rejected(client: TestClient, ledger: Ledger) -> None:
    body = (
        ROW + b'{"source": "x", "note_type": "Quillfeather"}\n{"source": "y", "note_type": "visit"}'
    )
    client.post("/v1/datasets/visits/versions", content=body, headers={"Content-Type": NDJSON})
    with ledger.owner.transaction() as session:
        rows = session.execute(
            text("SELECT note_type, reason FROM dataset_members ORDER BY line")
        ).all()
    assert [tuple(row) for row in rows] == [
        ("general", None),
        ("general", "unknown_note_type"),
        ("visit", None),
    ]


def test_an_upload_may_be_larger_than_any_other_body(client: TestClient) -> None:
    def rows() -> Iterator[bytes]:
        yield ROW
        for _ in range(IntakeSettings().max_record_bytes // 2**20 + 1):
            yield b" " * (2**20 - 1) + b"\n"

    answer = client.post(
        "/v1/datasets/visits/versions", content=rows(), headers={"Content-Type": NDJSON}
    )
    assert answer.status_code == 202, answer.text


def test_the_same_rows_are_stored_once(client: TestClient, ledger: Ledger) -> None:
    for name in ("visits", "others", "visits"):
        answer = client.post(
            f"/v1/datasets/{name}/versions", content=MANY, headers={"Content-Type": CSV}
        )
        assert answer.status_code == 202
    assert stored(ledger) == (3, 3 * 450)
    with ledger.owner.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM examples")) == 1

"""Every door: a body in, rows out, and what is wrong with a row said of that row alone."""

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from shared.config import DatasetSettings, IntakeSettings
from shared.datasets.reading.fields import Columns
from shared.datasets.reading.read import read_rows
from shared.datasets.records import RejectedRow, Row
from shared.errors import EpicrisisError

NDJSON = "application/x-ndjson"
CSV = "text/csv"
TSV = "text/tab-separated-values"
PARQUET = "application/vnd.apache.parquet"
LIMITS = DatasetSettings(max_examples=50, max_dataset_bytes=100_000, max_example_characters=1_000)


def read(
    body: bytes,
    content_type: str,
    *,
    piece: int = 7,
    encoding: str | None = None,
    source: Sequence[str] = ("source",),
    **columns: str,
) -> list[Row | RejectedRow]:
    """Cut into small pieces, as a network would."""
    pieces = (body[at : at + piece] for at in range(0, len(body), piece))
    rows = read_rows(
        pieces,
        content_type=content_type,
        content_encoding=encoding,
        columns=Columns(source=tuple(source), **columns),
        limits=LIMITS,
        intake=IntakeSettings(),
    )
    return list(rows)


def reasons(rows: list[Row | RejectedRow]) -> list[tuple[int, str]]:
    """(line, reason) of what was rejected."""
    return [(row.line, row.reason) for row in rows if isinstance(row, RejectedRow)]


def refusal(body: bytes, content_type: str, source: Sequence[str] = ("source",)) -> EpicrisisError:
    with pytest.raises(EpicrisisError) as told:
        read(body, content_type, source=source)
    assert told.value.how_to_fix
    return told.value


def packed(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


MEMBERS = {"source": "Röntgen: left knee, “intact”.", "target": "Knee\nintact.", "group_id": "p1"}
TABLE = 'source,target,group_id\r\n"Röntgen: left knee, “intact”.","Knee\nintact.",p1\r\n'


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (json.dumps(MEMBERS).encode(), NDJSON, None),
        (b"\xef\xbb\xbf" + json.dumps(MEMBERS, ensure_ascii=False).encode(), NDJSON, None),
        (gzip.compress(json.dumps(MEMBERS).encode()), NDJSON, "gzip"),
        (TABLE.encode(), CSV, None),
        (TABLE.encode("utf-8-sig"), CSV, None),
        (TABLE.encode("cp1252"), f"{CSV}; charset=windows-1252", None),
        (gzip.compress(TABLE.encode()), CSV, "gzip"),
        (
            TABLE.replace(",p1", "\tp1")
            .replace('",', '"\t')
            .replace("e,t", "e\tt")
            .replace("t,g", "t\tg")
            .encode(),
            TSV,
            None,
        ),
        (packed([MEMBERS]), PARQUET, None),
        (gzip.compress(packed([MEMBERS])), PARQUET, "gzip"),
    ],
)
def test_the_same_row_comes_through_every_door(
    body: bytes, content_type: str, encoding: str | None
) -> None:
    [row] = read(body, content_type, encoding=encoding)
    assert isinstance(row, Row)
    assert (row.source, row.target, row.group_id) == tuple(MEMBERS.values())


def test_columns_may_have_other_names_and_others_are_metadata() -> None:
    body = b"note;x,dialogue,summary,pid\nn1,A cough.,Cough.,7\n"
    [row] = read(body, CSV, source=["dialogue"], target="summary", group_id="pid")
    assert row == Row(2, "A cough.", "Cough.", "7", metadata={"note;x": "n1"})


VISITS = [
    {"ward": "7", "source": "A cough.", "section": " PLAN "},
    {"ward": "8", "source": "A fall.", "section": ""},
]
BOTH = ["section", "source"]


@pytest.mark.parametrize(
    ("body", "content_type", "first"),
    [
        ("\n".join(map(json.dumps, VISITS)).encode(), NDJSON, 1),
        (b"ward,source,section\n7,A cough., PLAN \n8,A fall.,\n", CSV, 2),
        (packed(VISITS), PARQUET, 1),
    ],
)
def test_a_source_over_several_columns_is_joined_in_the_order_asked_for(
    body: bytes, content_type: str, first: int
) -> None:
    assert read(body, content_type, source=BOTH) == [
        Row(first, "PLAN\n\nA cough.", metadata={"ward": "7"}),
        Row(first + 1, "A fall.", metadata={"ward": "8"}),
    ]


def test_no_row_is_without_a_part_of_its_source_unseen() -> None:
    for body, content_type in ((b"source\nA cough.\n", CSV), (packed(VISITS), PARQUET)):
        error = refusal(body, content_type, source=["heading", "source"])
        assert (error.error_code, error.param) == ("missing_column", "source_column")
    lines = (
        b'{"source": "A cough."}',
        b'{"section": null, "source": ""}',
        b'{"section": "PLAN", "source": ["A cough."]}',
        b'{"section": "PLAN", "source": "' + b"x" * 999 + b'"}',
    )
    assert reasons(read(b"\n".join(lines), NDJSON, source=BOTH)) == [
        (1, "missing_source"),
        (2, "empty_source"),
        (3, "not_text"),
        (4, "too_large"),
    ]


def test_broken_json_lines_are_rejected_and_their_neighbours_go_on() -> None:
    lines = [
        b'{"source": "A cough."}',
        b"",
        b'{"source": "A co',
        b'{"source": "caf\xe9"}',
        b"[1]",
        b'{"target": "x"}',
        b'{"source": 1, "target": ["x"]}',
        b'{"source": "\\ud800"}',
        b'{"source": "x", "split": "later"}',
        b'{"source": "x", "permitted_use": "all"}',
        b'{"source": "x", "source": "y"}',
        b'{"source": "' + b"x" * 1_001 + b'"}',
        b'{"source": "' + b"x" * 20_000 + b'"}',
        b'{"source": "A fall.", "split": "dev"}',
    ]
    rows = read(b"\n".join(lines), NDJSON, piece=1_000)
    assert reasons(rows) == [
        (3, "invalid_json"),
        (4, "invalid_utf8"),
        (5, "not_an_object"),
        (6, "missing_source"),
        (7, "not_text"),
        (8, "invalid_text"),
        (9, "unknown_split"),
        (10, "unknown_permitted_use"),
        (11, "duplicate_field"),
        (12, "too_large"),
        (13, "too_large"),
    ]
    assert [row.line for row in rows if isinstance(row, Row)] == [1, 14]


def test_in_a_table_a_row_of_another_width_or_encoding_harms_no_other() -> None:
    body = (
        b'source,target\nA cough.,Cough.\nA fall.\n"Two\nlines",x\ncaf\xe9,x\n,x\nA rash.,Rash.\n'
    )
    rows = read(body, CSV)
    assert reasons(rows) == [
        (3, "wrong_number_of_fields"),
        (6, "invalid_text"),
        (7, "empty_source"),
    ]
    assert [(row.line, row.source) for row in rows if isinstance(row, Row)] == [
        (2, "A cough."),
        (4, "Two\nlines"),
        (8, "A rash."),
    ]


@pytest.mark.parametrize("row", ['"Open', '"A "bad" quote",x\n', "x" * 4_001])
def test_a_quote_that_never_closes_is_told_with_its_line(row: str) -> None:
    error = refusal(f"source,target\nA cough.,Cough.\n{row}".encode(), CSV)
    assert (error.error_code, error.line) == ("broken_csv", 3)


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"dialogue,target\nx,y\n", CSV, "missing_column"),
        (b"", CSV, "missing_column"),
        (b"source,target,target\nx,y,z\n", CSV, "duplicate_column"),
        (packed([{"dialogue": "x"}]), PARQUET, "missing_column"),
        (b"PAR1 no", PARQUET, "broken_parquet"),
        (packed([MEMBERS] * 9)[:-20], PARQUET, "broken_parquet"),
        (b'{"source": "x"}\n' * 51, NDJSON, "too_many_examples"),
        (b"\n" * 100_001, NDJSON, "payload_too_large"),
        (packed([{"source": f"{n}" * 20} for n in range(20_000)]), PARQUET, "payload_too_large"),
        (b"x", "application/xml", "unsupported_format"),
        (b"x", f"{CSV}; charset=klingon", "unsupported_format"),
    ],
)
def test_what_is_wrong_with_the_whole_is_told(body: bytes, content_type: str, code: str) -> None:
    assert refusal(body, content_type).error_code == code


def test_a_parquet_row_that_is_no_text_harms_no_other() -> None:
    rows = read(packed([{"source": "A cough."}, {"source": None}, {"source": "\0"}]), PARQUET)
    assert reasons(rows) == [(2, "empty_source"), (3, "invalid_text")]
    wide = read(packed([{"source": "A cough.", "target": [1]}]), PARQUET)
    assert reasons(wide) == [(1, "not_text")]


def test_rows_are_pulled_as_they_are_asked_for() -> None:
    pulled = 0

    def endless() -> Iterator[bytes]:
        nonlocal pulled
        while True:
            pulled += 1
            yield b'{"source": "A cough."}\n'

    rows = read_rows(
        endless(),
        content_type=NDJSON,
        content_encoding=None,
        columns=Columns(),
        limits=LIMITS,
        intake=IntakeSettings(),
    )
    assert len(list(islice(rows, 5))) == 5
    assert pulled < 10

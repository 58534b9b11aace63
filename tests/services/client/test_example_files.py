import gzip
import json
from pathlib import Path

import pytest

from services.client.errors import EpicrisisClientError
from services.client.example_files import JoinedLines, find_example_files, read_examples

ROW = b'{"source": "A cough."}\n'


def joined(*paths: Path) -> tuple[list[object], JoinedLines]:
    """The rows of the one body, and the body."""
    content = read_examples(find_example_files(paths)).content
    assert isinstance(content, JoinedLines)
    lines = b"".join(content).splitlines()
    return [json.loads(line) if line.startswith(b"{") else line for line in lines], content


def write(folder: Path, name: str, data: bytes = ROW) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.jsonl", "train"),
        ("Training-1.csv", "train"),
        ("valid.tsv", "validation"),
        ("validation.parquet", "validation"),
        ("val_2.ndjson", "validation"),
        ("dev.jsonl.gz", "validation"),
        ("test1.jsonl", "test"),
        ("testimony.jsonl", None),
        ("valley.jsonl", None),
        ("human_test.jsonl", None),
    ],
)
def test_a_files_name_says_its_split(tmp_path: Path, name: str, split: str | None) -> None:
    path = write(tmp_path, name)
    examples = read_examples(find_example_files([path]))
    assert (examples.content, examples.split) == (path, split)
    assert (examples.encoding == "gzip") == name.endswith(".gz")


def test_several_files_are_one_body_and_each_row_has_its_files_split(tmp_path: Path) -> None:
    first = write(
        tmp_path,
        "train.jsonl",
        b'\xef\xbb\xbf{"source": "one"}\n\n{"source": "two", "split": "dev"}\n{}',
    )
    packed = write(tmp_path, "test.jsonl.gz", gzip.compress(b'{"split": null, "source": "3"}\n'))
    other = write(tmp_path, "more.jsonl", b'{"source": "4"}\nno row\n')
    rows, content = joined(first, packed, other)
    assert rows == [
        {"split": "train", "source": "one"},
        b"",
        {"source": "two", "split": "dev"},
        {"split": "train"},
        {"split": "test", "source": "3"},
        {"source": "4"},
        b"no row",
    ]
    spans = [(rows.path.name, rows.first_line, rows.last_line) for rows in content.rows]
    assert spans == [("train.jsonl", 1, 4), ("test.jsonl.gz", 5, 5), ("more.jsonl", 6, 7)]
    assert b"".join(content) == b"".join(content), "it can be read again"


def test_a_word_that_looks_like_a_split_is_none(tmp_path: Path) -> None:
    row = {"source": 'She said "split".', "metadata": {"split": "x"}, "target": "split"}
    path = write(tmp_path, "test.jsonl", json.dumps(row).encode())
    broken = write(tmp_path, "train.jsonl", b'{"split" "x"\n')
    rows, _ = joined(path, write(tmp_path, "b.jsonl"))
    assert rows[0] == {**row, "split": "test"}
    assert b"".join(read_examples(find_example_files([broken, path])).content).startswith(
        b'{"split" "x"\n'
    )


def test_what_cannot_go_together_or_at_all_is_told(tmp_path: Path) -> None:
    rows, table = write(tmp_path, "a.jsonl"), write(tmp_path, "b.csv")
    note = write(tmp_path, "c.pdf")
    for paths, code in (
        ([rows, table], "several_tables"),
        ([note], "unknown_format"),
        ([tmp_path / "none.jsonl"], "file"),
    ):
        with pytest.raises(EpicrisisClientError) as told:
            find_example_files(paths)
        assert told.value.code == code


def test_a_gzip_that_is_cut_off_is_told_and_not_sent_as_whole(tmp_path: Path) -> None:
    cut = write(tmp_path, "a.jsonl.gz", gzip.compress(ROW * 100)[:-12])
    with pytest.raises(EpicrisisClientError, match=r"a\.jsonl\.gz"):
        joined(write(tmp_path, "b.jsonl"), cut)

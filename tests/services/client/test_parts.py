import gzip
import io
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from services.client.parts import Bounds, Part, cut_lines, read_lines

SECRET = b"s" * 32


def content(part: Part) -> bytes:
    data = part.content if isinstance(part.content, bytes) else b"".join(part.content)
    return gzip.decompress(data) if part.encoding == "gzip" else data


def cut(
    data: bytes, *, documents: int = 1000, size: int = 10_000, record: int = 1000
) -> list[Part]:
    lines = read_lines(io.BytesIO(data), record)
    return list(cut_lines("notes.ndjson", lines, SECRET, Bounds(documents, size, record)))


def noise(count: int) -> Iterator[bytes]:
    """Lines that gzip cannot shrink much."""
    source = random.Random(7)
    for number in range(count):
        yield b'{"custom_id":"%d","text":"%s"}\n' % (number, source.randbytes(100).hex().encode())


@pytest.mark.parametrize(
    "bounds", [{"documents": 7, "size": 10**6}, {"size": 2_000}, {"size": 300}, {"size": 1}]
)
def test_every_record_is_in_one_part_whole_and_in_order(bounds: dict[str, int]) -> None:
    data = b"".join(noise(50))
    parts = cut(data, **bounds)
    assert b"".join(content(part) for part in parts) == data
    assert all(content(part).endswith(b"\n") for part in parts)
    assert sum(part.documents or 0 for part in parts) == 50
    for part in parts:
        assert part.documents == 1 or len(content(part)) <= bounds["size"]
        assert part.documents <= bounds.get("documents", 50)


def test_labels_name_the_lines_of_the_file() -> None:
    data = b"\n" + b"".join(noise(5)) + b'{"text":"no line end"}'
    parts = cut(data, documents=4)
    assert [part.label for part in parts] == [
        "notes.ndjson, lines 2-5",
        "notes.ndjson, lines 6-7",
    ]


def test_a_line_past_the_limit_is_passed_on_only_to_be_rejected() -> None:
    [part] = cut(b"\xef\xbb\xbf{}\n" + b"x" * 50_000 + b"\n{}\n", size=10**6, record=1000)
    first, long, last = content(part).splitlines()
    assert (first, last) == (b"{}", b"{}")
    assert 1000 < len(long) < 1010


def test_the_first_record_says_whether_it_is_fhir() -> None:
    [fhir] = cut(b'{"resourceType": "DocumentReference"}\n')
    [plain] = cut(b'{"text": "the \\"resourceType\\": \\"x\\""}\n')
    assert fhir.content_type == "application/fhir+ndjson"
    assert plain.content_type == "application/x-ndjson"


def test_digests_are_of_content_and_holder() -> None:
    [one], [same], [other] = (cut(b'{"text":"%s"}\n' % word) for word in (b"a", b"a", b"b"))
    assert one.digest == same.digest != other.digest
    bounds = Bounds(10, 1000, 1000)
    [foreign] = cut_lines("x", iter([b'{"text":"a"}\n']), b"another key", bounds)
    assert foreign.digest != one.digest


def test_very_repetitive_text_goes_plain_and_can_be_read_twice() -> None:
    [part] = cut(b'{"text":"again"}\n' * 100_000, documents=10**6, size=10**7)
    assert part.encoding is None
    assert content(part) == content(part) == b'{"text":"again"}\n' * 100_000


def test_memory_is_that_of_one_part() -> None:
    bounds = Bounds(documents=10**6, size=2**20, record=1000)
    tracemalloc.start()
    total = sum(part.documents or 0 for part in cut_lines("x", noise(40_000), SECRET, bounds))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 40_000  # 9 MiB
    assert peak < 3 * 2**20

import pytest

from shared import sealed_file
from shared.errors import PayloadTooLarge
from shared.sealed_file import SealedFile


@pytest.mark.parametrize("memory", [1, 10_000])
def test_what_is_put_away_comes_back(memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "_MEMORY_BYTES", memory)
    file = SealedFile(10_000)
    pieces = [b"Jane Doe", b"", b"HIV positive" * 9]
    slots = [file.append(piece) for piece in pieces]
    assert file.read(slots[2]) == pieces[2]
    slots.append(file.append(b"later"))
    assert [file.read(slot) for slot in slots] == [*pieces, b"later"]
    file._file.seek(0)
    sealed = file._file.read()
    assert len(sealed) > sum(map(len, pieces))
    assert b"Jane" not in sealed
    assert b"HIV" not in sealed
    file.close()


def test_it_is_full_at_some_size() -> None:
    file = SealedFile(100)
    file.append(b"x" * 50)
    with pytest.raises(PayloadTooLarge):
        file.append(b"x" * 50)
    file.close()

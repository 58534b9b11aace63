from pathlib import Path

import pytest

from tests.workers.training.core import examples
from workers.training.examples import new_key, read_examples, seal_examples
from workers.training.failures import TrainingFailed


def test_examples_come_back_and_stand_nowhere_in_plain_text(tmp_path: Path) -> None:
    path, key, some = tmp_path / "examples.sealed", new_key(), examples()
    assert seal_examples(path, key, some) == len(some)
    assert read_examples(path, key) == some
    assert b"swollen" not in path.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "flipped", "other key"])
def test_a_file_that_is_not_as_it_was_sealed_is_refused(tmp_path: Path, damage: str) -> None:
    path, key = tmp_path / "examples.sealed", new_key()
    seal_examples(path, key, examples())
    sealed = path.read_bytes()
    if damage == "cut":
        path.write_bytes(sealed[: len(sealed) // 2])
    elif damage == "flipped":
        path.write_bytes(sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:])
    else:
        key = new_key()
    with pytest.raises(TrainingFailed) as failed:
        read_examples(path, key)
    assert failed.value.error_code == "examples_unreadable"

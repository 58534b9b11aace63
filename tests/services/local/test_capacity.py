from pathlib import Path

from services.local.capacity import default_summarizers, usable_cores, usable_memory


def test_a_container_has_its_quota(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "memory.max").write_text("1000000\n")
    assert usable_cores(tmp_path) == 1
    assert usable_memory(tmp_path) == 1_000_000


def test_without_a_quota_it_has_the_machine(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert usable_cores(tmp_path) == usable_cores(tmp_path / "none") >= 1
    assert usable_memory(tmp_path) > 2**28
    assert default_summarizers() >= 1

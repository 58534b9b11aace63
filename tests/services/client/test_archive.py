"""Archives that are not what they should be leave nothing behind."""

import io
import tarfile
from pathlib import Path

import pytest

from services.client.archive import ArchiveDamaged, unpack

EMPTY = b'{"files": [], "version": null}'


def tar(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content), kind, "/etc/passwd"
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        tar(("../outside", b"x")),
        tar(("/outside", b"x")),
        tar((".hidden", b"x")),
        tar(("config.json", b""), kind=tarfile.SYMTYPE),
        tar(("config.json", b"{}")),
        tar(("manifest.json", EMPTY)),
        tar(("config.json", b"{}" * 9_000))[:5_000],
        tar(("twice", b"x"), ("twice", b"y")),
        b"no archive",
        b"",
    ],
)
def test_what_is_no_model_versions_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    chunks = (content[start : start + 700] for start in range(0, len(content), 700))
    with pytest.raises(ArchiveDamaged):
        unpack(chunks, tmp_path / "into" / "model")
    assert [path.name for path in tmp_path.rglob("*")] == ["into"]

"""Harm to files, by chance: what a disk, a copy that broke off or a mixed-up backup does."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path


def harm(dice: random.Random, files: Sequence[Path], strangers: Sequence[Path]) -> str:
    """Flip a bit, cut off the end, or lay a stranger's content there, of one of `files`.

    Says what was done. The content is another one afterwards.
    """
    victim, kind = dice.choice(files), dice.choice(("flip", "flip", "cut", "swap", "gone"))
    before = victim.read_bytes()
    if kind == "flip":
        place = dice.randrange(len(before))
        bit = 1 << dice.randrange(8)
        victim.write_bytes(before[:place] + bytes([before[place] ^ bit]) + before[place + 1 :])
    elif kind == "cut":
        victim.write_bytes(before[: dice.randrange(len(before))])
    elif kind == "swap":
        others = [path for path in strangers if path.read_bytes() != before]
        shutil.copyfile(dice.choice(others), victim)
    else:
        victim.unlink()
    return f"{kind} of {victim.name}"


def files_of(folder: Path) -> list[Path]:
    """Plain files with content below a folder, in order; what a lock is made of is none."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 0)

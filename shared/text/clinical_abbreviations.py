"""Abbreviations of clinical notes with what they stand for; only such as mean one thing."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("clinical_abbreviations.toml")


@lru_cache(maxsize=1)
def clinical_abbreviations() -> Mapping[str, str]:
    """`HTN` to `hypertension`: capitals to small letters, names apart; several may share one."""
    abbreviations: dict[str, str] = tomllib.loads(_FILE.read_text(encoding="utf-8"))[
        "abbreviations"
    ]
    return abbreviations

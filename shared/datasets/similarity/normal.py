"""Texts as they are compared: what a copy may have lost on its way does not count."""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+")


@lru_cache(maxsize=4)
def tokens(text: str) -> tuple[str, ...]:
    """Words and numbers in small letters, without marks or white space, composed as in NFKC.

    Chinese and Japanese, which write no spaces, count by the character.
    """
    return tuple(_TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()))


def digest(*texts: str | None) -> bytes:
    """Sixteen bytes that only texts of the same tokens, each to each, have in common."""
    hashed = blake2b(digest_size=16)
    for text in texts:
        hashed.update(b"\x00" if text is None else b"\x01")
        hashed.update(" ".join(tokens(text or "")).encode())
    return hashed.digest()

"""What is the same for the text of every attachment: characters that can be stored, tidy lines."""

import re
import unicodedata

REPLACEMENT = "\ufffd"
"""Stands for a character that the attachment does not tell. Dropping it would make other words."""
_MOST_UNKNOWN = 0.3
"""Of the characters that are not white space; more, and the text layer says nothing."""

_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
_CHARACTERS = {
    **_CONTROLS,
    **{ord(end): "\n" for end in "\n\x0b\x0c\x85\u2028\u2029"},
    0x00: REPLACEMENT,
    0x09: "\t",
    0xA0: " ",
    0xAD: None,  # a soft hyphen is not shown
    0xFEFF: None,
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)},
}
"""Ligatures (U+FB00 to U+FB06) are spelled out, so that words are found."""
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str) -> str:
    """`text` without NUL, other controls and lone surrogates; lines trimmed, one blank in a row."""
    if not text.isascii():
        # Halves of a pair that came one by one, as in RTF, become their character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CHARACTERS)
    lines = (line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def says_something(text: str) -> bool:
    """Whether enough of the characters are known to call this a text."""
    shown = [character for character in text if not character.isspace()]
    unknown = sum(c == REPLACEMENT or unicodedata.category(c) == "Co" for c in shown)
    return bool(shown) and unknown <= _MOST_UNKNOWN * len(shown)

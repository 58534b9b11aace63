"""Words and breaks → lines of text."""

import re
from dataclasses import dataclass, field

from shared.errors import InvalidRecord

_REPEATED_CHARACTERS = 2_000_000
_BLANK_LINES = re.compile(r"\n{3,}")
_CLOSED = frozenset(".,;:!?")


@dataclass(slots=True)
class Allowance:
    """What rendering may add to a document's own characters: labels, indents, spanning cells.

    Without it a table of a megabyte could ask for gigabytes.
    """

    characters: int = _REPEATED_CHARACTERS

    def spend(self, characters: int) -> None:
        """Raises InvalidRecord `document_too_large`."""
        self.characters -= characters
        if self.characters < 0:
            raise InvalidRecord(
                "The document's tables and lists spell out to too much text.",
                code="document_too_large",
                how_to_fix="Split the document into its notes and send each as a record.",
            )


@dataclass(slots=True)
class Lines:
    """Collects words; white space collapses as in XHTML, breaks do not pile up."""

    allowance: Allowance = field(default_factory=Allowance)
    _pieces: list[str] = field(default_factory=list)
    _breaks: int = 0
    _space: bool = False

    def words(self, text: str | None) -> None:
        if not text:
            return
        words = text.split()
        self._space = self._space or text[0].isspace()
        if words:
            self._add(" ".join(words))
            self._space = text[-1].isspace()

    def line(self) -> None:
        """What follows begins a line."""
        self._breaks = max(self._breaks, 1)

    def paragraph(self) -> None:
        """What follows begins behind a blank line."""
        self._breaks = 2

    def preserved(self, text: str) -> None:
        """Lines as they are, but for the white space at their ends and repeated blank ones."""
        lines = "\n".join(line.rstrip() for line in text.expandtabs(4).splitlines())
        if lines.strip():
            self._add(_BLANK_LINES.sub("\n\n", lines).strip("\n"))

    def item(self, marker: str, text: str) -> None:
        """A line behind a marker; further lines of the item are indented under it."""
        first, *rest = (line for line in text.splitlines() if line.strip())
        self.line()
        self._add(f"{marker} {first}")
        indent = " " * (len(marker) + 1)
        self.allowance.spend(len(indent) * len(rest))
        for line in rest:
            self.line()
            self._add(indent + line)
        self.line()

    def glued(self, text: str) -> None:
        """Text that touches the word before it."""
        self._space = False
        self._add(text)

    def last_character(self) -> str:
        """Of the word that the next would touch, or ""."""
        touches = self._pieces and not self._space and not self._breaks
        return self._pieces[-1][-1] if touches else ""

    def text(self) -> str:
        return "".join(self._pieces)

    def _add(self, text: str) -> None:
        if self._pieces:
            self._pieces.append("\n" * self._breaks or " " * self._space)
            if not self._pieces[-1]:
                self._pieces.pop()
        self._pieces.append(text)
        self._breaks, self._space = 0, False


def unwrapped(text: str) -> str:
    """Text without markup: its line ends were meant, but for those before a small letter."""
    pieces: list[str] = []
    breaks = ""
    for line in map(str.strip, text.splitlines()):
        if line:
            pieces += (" " if pieces and line[0].islower() else breaks, line)
            breaks = ""
        breaks = (breaks + "\n")[:2] if pieces else ""
    return "".join(pieces)


def joined(text: str) -> str:
    """Lines and items as one line: `Aspirin; 81 mg`."""
    line = ""
    for each in text.splitlines():
        piece = each.strip().removeprefix("- ")
        if piece and line:
            line += " " if line[-1] in _CLOSED else "; "
        line += piece
    return line

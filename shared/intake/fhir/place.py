"""Where a resource stands in a body, and so what its references mean."""

from dataclasses import dataclass, replace

from shared.intake.reading import Reading


@dataclass(frozen=True, slots=True)
class Place:
    """`bundle`: the number of the Bundle round it (`Binaries.open_bundle`)."""

    reading: Reading
    line: int
    bundle: int | None = None
    is_body: bool = False
    """It is the whole body: what a Bundle holds is then told apart by position, not by line."""
    has_ended: bool = False
    """The body has been read to its end: what was not there will not come."""

    def of_entry(self, position: int, bundle: int) -> "Place":
        """Of an entry of the Bundle that stands here."""
        line = position if self.is_body else self.line
        return replace(self, line=line, bundle=bundle, is_body=False)

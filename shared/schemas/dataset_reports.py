"""The report of a dataset version: figures, and short passages as examples of findings."""

from typing import Literal

from pydantic import Field

from shared.schemas.base import Answer

Level = Literal["act", "know", "good"]
"""Do something before training, know it, or nothing is wrong."""


class Bin(Answer):
    """Values from `low` up to, but not including, `high`; the last bin includes it."""

    low: float
    high: float
    count: int


class Distribution(Answer):
    """Of one value a row. Quantiles are exact to three digits."""

    count: int
    mean: float
    min: float
    p5: float
    p25: float
    median: float
    p75: float
    p95: float
    p99: float
    max: float
    histogram: list[Bin]


class RowCounts(Answer):
    """Of rows that could be read; `flagged` are kept, and something was found about them."""

    rows: int
    kept: int
    dropped: int
    flagged: int
    without_target: int
    """Of those kept."""
    dropped_by: dict[str, int]
    """By the finding that dropped them."""
    findings: dict[str, int]
    """How many rows, kept or not, each finding was made about."""


class SplitFigures(Answer):
    """The kept rows of a split; `split` is `none` for rows without one."""

    split: str
    rows: int
    with_target: int
    groups: int
    largest_group: int
    """Rows of the group that has most."""
    note_types: dict[str, int]
    languages: dict[str, int]
    kinds: dict[str, int]
    source_words: Distribution | None
    target_words: Distribution | None


class Lengths(Answer):
    """Of the kept rows. Tokens are estimated from the text, without a model's tokenizer."""

    source_words: Distribution | None
    target_words: Distribution | None
    source_tokens: Distribution | None
    target_tokens: Distribution | None
    compression: Distribution | None
    """Words of the source for each word of the target."""


class Window(Answer):
    """What a model that reads this many tokens does not see."""

    tokens: int
    rows_cut: int
    share_cut: float
    """Of the kept rows."""
    text_lost: float
    """Share of all source tokens that lies behind the window."""


class Suggested(Answer):
    """Lengths in tokens that 95 of 100 rows stay within, rounded up to a multiple of eight."""

    max_source_length: int | None
    max_target_length: int | None


class Cell(Answer):
    """Rows whose coverage and density begin at these values."""

    coverage: float
    density: float
    count: int


class Extractiveness(Answer):
    """How targets take their words from their sources (Grusky et al. 2018, "Newsroom")."""

    coverage: Distribution
    """Share of a target's words that stand in passages copied from its source."""
    density: Distribution
    """Mean length in words of the copied passage that a word of the target stands in."""
    cells: list[Cell]
    novelty: dict[int, float]
    """Mean share of a target's n-grams that its source lacks, by n."""
    copied_whole: int
    """Rows whose target is one passage of the source, word for word."""


class TargetNumbers(Answer):
    """Numbers of targets that were not found in their sources, in figures or words; no dates."""

    with_numbers: int
    lacking: int
    """Rows with at least one that the source seems to lack."""


class Repeated(Answer):
    """Texts that are the same but for case and white space. Estimates where not `exact`."""

    rows: int
    distinct: int
    repeats: int
    """Rows whose text an earlier row has."""
    most: int
    """Rows of the text that most rows have."""
    exact: bool


class Duplicates(Answer):
    source: Repeated
    target: Repeated
    pair: Repeated


class Term(Answer):
    """`share`: of the texts, those that hold it."""

    term: str
    share: float


class Vocabulary(Answer):
    """Words without numbers, in lower case. `distinct` is an estimate where not `exact`."""

    words: int
    distinct: int
    exact: bool
    once: float
    """Share of the distinct words that occur once."""
    top: list[Term]


class TermShift(Answer):
    """A word's share of texts in two places."""

    term: str
    here: float
    lately: float


class Comparison(Answer):
    """With what the system was asked to summarize lately."""

    texts: int
    words: Distribution
    longer: float
    """Share of those texts that are longer than 95 of 100 sources here."""
    shorter: float
    """Share of those texts that are shorter than 95 of 100 sources here."""
    unknown: float
    """Share of their words, in running text, that no source here holds."""
    missing: list[TermShift]
    rarer: list[TermShift]
    """Words that they use far more than the sources here."""
    commoner: list[TermShift]
    languages: dict[str, int]


class Passage(Answer):
    """Beginnings of a row's texts; of a long one no more."""

    line: int
    split: str | None
    decision: str
    detail: str | None
    source: str
    target: str | None


class FindingExamples(Answer):
    """Rows drawn at random from all of which the finding was made."""

    finding: str
    rows: int
    examples: list[Passage]


class Remark(Answer):
    """One thing to know about the version, and what to do next."""

    level: Level
    text: str
    next: str | None = None


class Report(Answer):
    """What a version holds. Figures are of the kept rows unless they say otherwise."""

    counts: RowCounts
    splits: list[SplitFigures]
    note_types: dict[str, int]
    languages: dict[str, int]
    kinds: dict[str, int]
    lengths: Lengths
    windows: list[Window]
    suggested: Suggested
    extractiveness: Extractiveness | None
    """None where no kept row has a target, or none has words."""
    numbers: TargetNumbers
    duplicates: Duplicates
    source_vocabulary: Vocabulary
    target_vocabulary: Vocabulary
    lately: Comparison | None
    findings: list[FindingExamples]
    samples: list[Passage]
    remarks: list[Remark] = Field(default_factory=list)

"""Prompts: what a version consists of, trying one, dividing documents among some."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.schemas.base import Answer, Body
from shared.schemas.datasets import VERSION_NAME
from shared.schemas.evaluations import Estimate
from shared.schemas.explanations import Explanation
from shared.schemas.registry import Reason
from shared.schemas.summaries import PendingSummary, SummaryAnswer

_Template = Annotated[str, StringConstraints(max_length=20_000)]
Message = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
STRICTER = (
    "Write only what the text states, in its own words where you can. Leave out every number, "
    "drug or problem that you do not find in it, and say nothing twice."
)


class PromptExamples(Body):
    """Examples of a dataset version's training split, as turns before the note's own."""

    dataset: Annotated[str, StringConstraints(pattern=VERSION_NAME)]
    count: int = Field(ge=1, le=8)
    choice: Literal["nearest", "random"] = "nearest"
    """`nearest`: by BM25 between the sources. `random`: by chance, and the same for a text."""


class PromptContent(Body):
    """All that a version is. Templates are Jinja, of variables, conditions and filters of text."""

    system: _Template = ""
    user: _Template
    """Holds `{{ note }}`, which stands between marks that the note itself cannot hold."""
    variables: dict[VariableName, Annotated[str, StringConstraints(max_length=2_000)]] = Field(
        default_factory=dict, max_length=20
    )
    """What the templates may name beside `note`; `title` is the note type's unless it is given."""
    prefix: Annotated[str, StringConstraints(max_length=200)] = ""
    """The first words of the answer, for models that go on best from a beginning."""
    max_output_tokens: int = Field(80, ge=1, le=4096)
    one_paragraph: bool = True
    """Whether the answer ends at its first line break."""
    examples: PromptExamples | None = None
    retries: int = Field(0, ge=0, le=2)
    """So many more attempts, with `stricter` added to the system turn, before a summary that does
    not pass its checks steps down."""
    stricter: _Template = STRICTER


class PromptRequest(PromptContent):
    """`POST /v1/prompts/{note_type}/versions`."""

    message: Message = "not given"
    """What is new about it, as of a commit."""


class PromptVersionAnswer(Answer):
    object: Literal["prompt_version"] = "prompt_version"
    name: str
    """`prompts:/discharge/3`"""
    note_type: str
    number: int
    status: Literal["ready", "withdrawn"]
    in_production: bool
    """Whether the alias points at it."""
    serves: bool
    """Whether documents get it where no model serves them and nothing else is asked for."""
    content: PromptContent
    message: str
    created_by: str
    created_at: datetime | None
    """None: shipped, and not in the tenant's registry yet."""
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None


class PromptAnswer(Answer):
    """A note type, and the prompt that serves it where no model does."""

    object: Literal["prompt"] = "prompt"
    note_type: str
    serves: str
    """`prompts:/discharge/3`"""
    production: str | None
    """What was put into production; None: the prompt that the note type came with serves."""
    since: datetime | None
    split: str | None = None
    """The split that runs."""
    versions: int
    newest: str | None


class Change(Answer):
    """A member of the content, before and after, as lines of a unified diff."""

    member: str
    lines: list[str]


class PromptDiff(Answer):
    object: Literal["prompt_diff"] = "prompt_diff"
    before: str
    after: str
    changes: list[Change]


class TryRequest(Body):
    """`POST /v1/prompts/{note_type}/try`."""

    text: str = Field(min_length=1)
    version: int | None = Field(None, ge=1)
    """None: the newest."""
    language: str | None = Field(None, min_length=1, max_length=64)
    subject: str | None = Field(None, min_length=1, max_length=512)


class TryAnswer(Answer):
    """The summary, and how it came to be, prompts word for word."""

    object: Literal["prompt_try"] = "prompt_try"
    version: str
    summary: SummaryAnswer | None
    explanation: Explanation | None
    pending: PendingSummary | None = None
    """Where it is not there yet, or failed."""


class Arm(Body):
    version: int = Field(ge=1)
    weight: int = Field(ge=1, le=1000)


class SplitRequest(Body):
    """`POST /v1/prompts/{note_type}/split`."""

    arms: list[Arm] = Field(min_length=2, max_length=4)
    reason: Reason


class ArmFigures(Answer):
    version: str
    weight: int
    documents: int
    clean: Estimate | None
    """Share of summaries without a finding: every sentence supported, no check that complains."""
    prompt: float | None
    """Share that the prompt made; the others stepped down."""
    accepted: int
    edited: int
    rejected: int
    """By reviewers."""
    output_tokens: float | None
    """A document."""


class SplitFigures(Answer):
    arms: list[ArmFigures]
    difference: Estimate | None
    """Of `clean`, the best beside the first of the others, with an interval that stays valid
    however often it is looked at."""
    better: str | None
    """The version that the interval says is better."""


class SplitAnswer(Answer):
    object: Literal["prompt_split"] = "prompt_split"
    id: str
    note_type: str
    status: Literal["running", "stopped"]
    reason: str
    started_by: str
    started_at: datetime
    stopped_at: datetime | None
    stopped_because: str | None
    figures: SplitFigures

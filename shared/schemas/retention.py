"""What is kept how long, and what came of deleting it."""

from typing import Literal

from pydantic import Field

from shared.schemas.base import Answer, Body


class Deletion(Answer):
    """What `DELETE /v1/batches/{id}` deleted."""

    object: Literal["deletion"] = "deletion"
    batch_id: str
    documents: int
    summaries: int
    texts: int


class SubjectRequest(Body):
    """Whom to erase, in the body, so that the identifier stands in no URL and no log of one."""

    subject: str = Field(min_length=1, max_length=1024)
    """Exactly as it was submitted: `Patient/17`."""
    tenant: str | None = None
    """Whose documents; without it those of the asker's own tenant."""


class Erasure(Answer):
    """What `DELETE /v1/subjects` erased."""

    object: Literal["erasure"] = "erasure"
    documents: int
    summaries: int
    batches: int
    """Those that held any of the documents."""
    examples: int = 0
    """Of datasets, whose group was this subject."""
    trained_models: list[str] = Field(default_factory=list)
    """Model versions that learned from them: `models:/visit/3`. Nothing can be taken out of a
    model again; whoever administers the models decides whether to withdraw it."""


class TenantSettings(Body):
    """Settings of a tenant; a member that is not given stays as it is."""

    results_days: int | None = Field(None, ge=0, le=3650)
    """How long results are kept after a batch ends; null: as the installation says."""
    remote_prompts: bool = False
    """Whether its text may be sent to a prompt server of another operator."""

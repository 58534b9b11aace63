"""The audit: events, and whether their chain is whole."""

from datetime import datetime
from typing import Any, Literal

from shared.schemas.base import Answer

FindingKind = Literal[
    "event_changed",
    "event_missing",
    "event_unlinked",
    "link_changed",
    "link_missing",
    "anchor_differs",
    "anchor_went_back",
    "anchor_behind",
    "anchor_missing",
    "head_lost",
    "key_missing",
]


class AuditEventAnswer(Answer):
    """One access or change. `seq` is its place in the tenant's chain, given within a second."""

    object: Literal["audit_event"] = "audit_event"
    id: str
    seq: int | None
    at: datetime
    actor: str
    action: str
    objects: list[str]
    request_id: str | None
    details: dict[str, Any]


class AuditFinding(Answer):
    """What is not as it was written.

    - `event_changed`, `link_changed`: a column is not what its MAC covers, or the row is forged;
    - `event_missing`, `link_missing`: rows are gone (`seq`: the first that is);
    - `event_unlinked`: an event older than a minute has no place in the chain;
    - `anchor_differs`, `head_lost`: the chain is not, or no longer, where an anchor says it was;
    - `anchor_went_back`: the chain was shorter at some time than before;
    - `anchor_behind`, `anchor_missing`: links older than a minute are not anchored;
    - `key_missing`: the tenant's audit key is gone or does not open.
    """

    kind: FindingKind
    id: str | None = None
    seq: int | None = None


class AuditVerification(Answer):
    object: Literal["audit_verification"] = "audit_verification"
    ok: bool
    events: int
    linked: int
    unlinked: int
    """Of any age; those of the last minute are no finding."""
    anchored_seq: int | None
    """Of the last anchor; None where no anchor is kept, and then a cut end cannot be found."""
    findings: list[AuditFinding]
    """The first thousand."""

"""Record what came of claimed documents: results, states and counters in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.batches.finish import Final, settle
from shared.documents.ledger import Claim
from shared.ids import new_id
from shared.prompts.divide import Side
from shared.schemas.explanations import Trace
from shared.schemas.summaries import ProducedBy, SummaryBody, Usage
from shared.tables import Summary
from shared.vault import TenantVault


@dataclass(frozen=True, slots=True)
class Summarized:
    """A claimed document and its summary."""

    claim: Claim
    body: SummaryBody
    produced_by: ProducedBy
    usage: Usage
    language: str | None = None
    """BCP 47, given or detected."""
    reused_from: UUID | None = None
    """The summary of the same text that this one repeats."""
    trace: Trace | None = None
    side: Side | None = None
    """Of a split of prompts."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A claimed document that will not get one. `message` never quotes the document."""

    claim: Claim
    code: str
    message: str


def complete(session: Session, vault: TenantVault, results: Sequence[Summarized | Failed]) -> int:
    """Record the results of one tenant's documents; returns how many were accepted.

    Needs a transaction of that tenant. A result whose fence is too low, because its document was
    claimed again since, or whose batch was cancelled, leaves nothing behind.
    """
    accepted = settle(session, [_final(result) for result in results])
    summaries = [
        _row(vault, result)
        for result in results
        if isinstance(result, Summarized)
        and result.claim.document in accepted
        and accepted[result.claim.document].status == "succeeded"
    ]
    if summaries:
        session.execute(insert(Summary), summaries)
    return len(accepted)


def fail(session: Session, results: Sequence[Failed]) -> int:
    """Record failures alone, for which no key is needed; returns how many were accepted."""
    return len(settle(session, [_final(result) for result in results]))


def _final(result: Summarized | Failed) -> Final:
    if isinstance(result, Summarized):
        return result.claim.final("succeeded", route=result.produced_by.route)
    return result.claim.final("failed", code=result.code, message=result.message)


def _row(vault: TenantVault, result: Summarized) -> dict[str, object]:
    row, trace = new_id(), result.trace
    sentences = result.body.sentences
    return {
        "id": row,
        "tenant_id": vault.tenant,
        "document_id": result.claim.document,
        "note_type": result.claim.note_type,
        "route": result.produced_by.route,
        "reason": result.produced_by.reason,
        "model_version": result.produced_by.model_version,
        "prompt_version": result.produced_by.prompt_version,
        "split_id": result.side and result.side.split,
        "split_arm": result.side and result.side.arm,
        "language": result.language,
        "reused_from": result.reused_from,
        "coverage": result.body.quality.coverage,
        "input_tokens": result.usage.input_tokens,
        "output_tokens": result.usage.output_tokens,
        "body_sealed": vault.seal(result.body.model_dump_json(), row=row, field="body"),
        "trace_sealed": trace and vault.seal(trace.model_dump_json(), row=row, field="trace"),
        "findings": sum(len(said.issues) + (not said.supported) for said in sentences),
        "review_state": "none" if result.claim.purpose == "summary" else "excluded",
    }

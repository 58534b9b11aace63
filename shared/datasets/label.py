"""Pseudo-labels: rows without a target get one that a named version writes and no check objects to.

The rows go to the ledger as one batch of ordinary documents; their version waits until it is final.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.batches.submit_texts import InternalText, submit_texts
from shared.datasets.augmentation.check import PROMPT, PSEUDO_LABELS
from shared.datasets.records import Augmented
from shared.errors import Conflict, InvalidInput
from shared.ids import public_id
from shared.prompts.queries import require_prompt
from shared.registry.queries import find_serving
from shared.schemas.batches import BatchParameters
from shared.schemas.datasets import Augmentation
from shared.schemas.summaries import SummaryBody
from shared.tables import Batch, DatasetMember, Document, DocumentContent, Example, Summary
from shared.vault import TenantVault

PSEUDO_LABELS_VERSION = 1
_AHEAD = 2
"""So many rows are summarized for each label that is wanted: not every summary passes."""
_FINAL = ("completed", "failed", "expired")
_CHUNK = 100


def find_labelling(augmentations: Sequence[Augmentation]) -> Augmentation | None:
    """What is asked of pseudo-labels, if anything is."""
    return next((one for one in augmentations if one.operator == PSEUDO_LABELS), None)


def wanted_labels(asked: Augmentation, size: int) -> int:
    """How many labels the share is of a training split of `size`; at least one."""
    return max(1, round(asked.share * size))


def require_labeller(session: Session, augmentations: Sequence[Augmentation]) -> None:
    """Raises InvalidInput for a model or prompt version that there is not, or may not serve."""
    asked = find_labelling(augmentations)
    if asked is None or asked.model is None or asked.model == PROMPT:
        return
    param = f"augment.{list(augmentations).index(asked)}.model"
    if asked.model.startswith("prompts:"):
        require_prompt(session, asked.model, param=param)
    elif find_serving(session, asked.model) is None:
        raise InvalidInput(
            "There is no such model version, or it may not serve.",
            code="unknown_model_version",
            param=param,
            how_to_fix="`epicrisis models list` shows those that may.",
        )


def submit_unlabelled(
    session: Session, vault: TenantVault, version: UUID, asked: Augmentation, wanted: int
) -> UUID:
    """The batch of rows to be labelled, in an order by chance that stays.

    Raises Conflict where no row of the training split that may be trained on is without a target.
    """
    rows = session.execute(_unlabelled(version).limit(_AHEAD * wanted)).all()
    if not rows:
        raise Conflict(
            "No kept row of the training split that may be trained on is without a target.",
            code="nothing_to_label",
            how_to_fix="Leave pseudo_labels out, or add rows without a target.",
        )
    prefix = public_id("dsv", version)

    def texts() -> Iterator[InternalText]:
        for first in range(0, len(rows), _CHUNK):
            chunk = rows[first : first + _CHUNK]
            sources = _sources(session, vault, [row.example_id for row in chunk])
            for row in chunk:
                yield InternalText(
                    f"{prefix}:{row.line}",
                    sources[row.example_id],
                    row.note_type,
                    # So that the erasure of a patient finds the document, too.
                    subject_mac=row.group_mac,
                )

    return submit_texts(session, vault, texts(), _parameters(asked), purpose="pseudo_labels")


def are_labels_final(session: Session, batch: UUID) -> bool:
    """Whether the batch is over. Raises Conflict for one that no label can come of."""
    row = session.execute(
        select(Batch.status, Batch.completed, Batch.purged_at).where(Batch.id == batch)
    ).one_or_none()
    if row is None or row.purged_at is not None or row.status in ("cancelling", "cancelled"):
        raise Conflict(
            "The batch of its pseudo-labels was cancelled or deleted.",
            code="labels_cancelled",
            how_to_fix="Derive the version again.",
        )
    if row.status not in _FINAL:
        return False
    if not row.completed:
        raise Conflict(
            "Not one of the texts for its pseudo-labels could be summarized: "
            f"{_cause(session, batch)}.",
            code="labels_failed",
            how_to_fix="See that the version that is to write them serves, then derive again.",
        )
    return True


def read_labels(  # noqa: PLR0913 - a page of a batch has these coordinates
    session: Session, vault: TenantVault, version: UUID, batch: UUID, *, after: int, limit: int
) -> tuple[list[Augmented], int]:
    """Labels of the next `limit` summaries past the place `after`, and the place reached.

    A summary is a label if all of its sentences are supported, no check has found anything in
    them, and its row is still one to be labelled.
    """
    rows = session.execute(
        select(
            Document.id.label("document"),
            Document.line.label("place"),
            DocumentContent.custom_id_sealed,
            DocumentContent.text_sealed,
            Summary,
        )
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .join(Summary, Summary.document_id == Document.id)
        .where(Document.batch_id == batch, Document.line > after)
        .where(Summary.route != "extractive", Document.withdrawn_at.is_(None))
        .order_by(Document.line)
        .limit(limit)
    ).all()
    labels = []
    for row in rows:
        body = vault.open(row.Summary.body_sealed, row=row.Summary.id, field="body")
        target = _target(SummaryBody.model_validate_json(body))
        if target is not None and row.text_sealed is not None:
            custom_id = vault.open(row.custom_id_sealed, row=row.document, field="custom_id")
            source = vault.open(row.text_sealed, row=row.document, field="text")
            line = int(custom_id.rpartition(":")[2])
            labels.append(Augmented(line, _maker(row.Summary), source, target))
    lines = [label.parent_line for label in labels]
    still = _unlabelled(version).where(DatasetMember.line.in_(lines))
    open_lines = {row.line for row in session.execute(still)}
    kept = [label for label in labels if label.parent_line in open_lines]
    return kept, rows[-1].place if rows else after


def _unlabelled(version: UUID) -> Select[int, UUID, str, bytes | None]:
    """Rows that wait for a target. The ids of examples are digests: their order is chance."""
    return (
        select(
            DatasetMember.line,
            Example.id.label("example_id"),
            DatasetMember.note_type,
            DatasetMember.group_mac,
        )
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, DatasetMember.decision == "keep")
        .where(DatasetMember.split == "train", DatasetMember.permitted_use == "training")
        .where(Example.target_sealed.is_(None), Example.erased_at.is_(None))
        .order_by(Example.id, DatasetMember.line)
    )


def _sources(session: Session, vault: TenantVault, examples: Sequence[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Example.id, Example.source_sealed).where(Example.id.in_(examples))
    )
    return {
        row.id: vault.open(row.source_sealed or b"", row=row.id, field="source") for row in rows
    }


def _parameters(asked: Augmentation) -> BatchParameters:
    """No way but the one that is asked for."""
    model = asked.model or PROMPT
    how: dict[str, object] = {"route": "prompt"}
    if model != PROMPT:
        how = {"prompt_version" if model.startswith("prompts:") else "model_version": model}
    return BatchParameters.model_validate({"priority": "bulk", "fallback": "none", **how})


def _target(body: SummaryBody) -> str | None:
    """The summary, if there is nothing to say against it."""
    passes = bool(body.sentences) and all(
        sentence.supported and not sentence.issues for sentence in body.sentences
    )
    return body.text if passes else None


def _maker(summary: Summary) -> str:
    made_by = summary.model_version if summary.route == "fine_tuned" else summary.prompt_version
    return made_by or summary.route


def _cause(session: Session, batch: UUID) -> str:
    """The code of the first of its errors."""
    code = session.scalar(
        select(Document.error_code)
        .where(Document.batch_id == batch, Document.error_code.is_not(None))
        .order_by(Document.line)
        .limit(1)
    )
    return code or "no error is known"

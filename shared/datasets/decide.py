"""Write down what curation decided, and the splits of what is kept."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.datasets.add import store_examples
from shared.datasets.records import Augmented, Decision
from shared.schemas.datasets import MADE, Kind, Overrule, Split
from shared.tables import DatasetGroup, DatasetMember, Example
from shared.vault import TenantVault

_DECIDE = text(
    """
    UPDATE dataset_members m SET
        decision = d.decision, reason = d.reason, detail = d.detail,
        findings = string_to_array(d.findings, ',')
    FROM unnest(
        CAST(:lines AS int[]), CAST(:decisions AS text[]), CAST(:reasons AS text[]),
        CAST(:details AS text[]), CAST(:findings AS text[])
    ) AS d (line, decision, reason, detail, findings)
    WHERE m.version_id = :version AND m.line = d.line
    """
)
_DROP = text(
    """
    UPDATE dataset_members m SET
        decision = 'drop', reason = d.reason, detail = d.detail, split = NULL,
        findings = array_append(m.findings, d.reason)
    FROM unnest(
        CAST(:lines AS int[]), CAST(:reasons AS text[]), CAST(:details AS text[])
    ) AS d (line, reason, detail)
    WHERE m.version_id = :version AND m.line = d.line
    """
)
_SPLIT = text(
    """
    UPDATE dataset_members m SET split = s.split
    FROM unnest(CAST(:lines AS int[]), CAST(:splits AS text[])) AS s (line, split)
    WHERE m.version_id = :version AND m.line = s.line
    """
)
_OVERRULE = text(
    """
    UPDATE dataset_members m SET decision = o.decision, reason = 'overruled', detail = m.reason
    FROM unnest(CAST(:lines AS int[]), CAST(:decisions AS text[])) AS o (line, decision)
    WHERE m.version_id = :version AND m.line = o.line
      AND m.decision <> 'reject' AND m.decision <> o.decision
    """
)
_AUGMENT = text(
    """
    INSERT INTO dataset_members (
        version_id, line, tenant_id, example_id, note_type, group_mac, permitted_use,
        split, decision, kind, parent_line, made_by
    )
    SELECT :version, a.line, p.tenant_id, a.example, p.note_type, p.group_mac, p.permitted_use,
           p.split, 'keep', :kind, a.parent, a.maker
    FROM unnest(
        CAST(:lines AS int[]), CAST(:examples AS uuid[]), CAST(:parents AS int[]),
        CAST(:makers AS text[])
    ) AS a (line, example, parent, maker)
    JOIN dataset_members p ON p.version_id = :version AND p.line = a.parent
    """
)


def begin_anew(session: Session, version: UUID) -> None:
    """Undo what an earlier attempt has left: the rows are as they were received."""
    session.execute(
        delete(DatasetMember).where(
            DatasetMember.version_id == version, DatasetMember.kind.in_(MADE)
        )
    )
    session.execute(
        update(DatasetMember)
        .where(DatasetMember.version_id == version, DatasetMember.example_id.is_not(None))
        .values(decision=None, reason=None, detail=None, findings=[], split=None)
    )


def record_decisions(session: Session, version: UUID, decisions: Sequence[Decision]) -> None:
    session.execute(
        _DECIDE,
        {
            "version": version,
            "lines": [one.line for one in decisions],
            "decisions": [one.decision for one in decisions],
            "reasons": [one.reason for one in decisions],
            "details": [one.detail for one in decisions],
            "findings": [",".join(one.findings) for one in decisions],
        },
    )


def keep_the_rest(session: Session, version: UUID) -> None:
    """Rows about which nothing was found are kept, but for those whose text has been erased."""
    erased = select(Example.id).where(Example.erased_at.is_not(None))
    session.execute(
        update(DatasetMember)
        .where(DatasetMember.version_id == version, DatasetMember.example_id.in_(erased))
        .values(decision="drop", reason="erased", split=None)
    )
    session.execute(
        update(DatasetMember)
        .where(DatasetMember.version_id == version, DatasetMember.decision.is_(None))
        .where(DatasetMember.example_id.is_not(None))
        .values(decision="keep")
    )


def overrule(session: Session, version: UUID, overrules: Sequence[Overrule]) -> None:
    """A person's decisions stand above curation's; `detail` then says what they overruled.

    A row that could not be read stays rejected.
    """
    session.execute(
        _OVERRULE,
        {
            "version": version,
            "lines": [one.line for one in overrules],
            "decisions": [one.decision for one in overrules],
        },
    )


def drop_rows(session: Session, version: UUID, decisions: Sequence[Decision]) -> None:
    """Drop rows that curation had kept; what it found about them stays."""
    session.execute(
        _DROP,
        {
            "version": version,
            "lines": [one.line for one in decisions],
            "reasons": [one.reason for one in decisions],
            "details": [one.detail for one in decisions],
        },
    )


def drop_accepted_outside_training(session: Session, version: UUID) -> None:
    """A model's own text, though a reviewer accepted it, is nothing to measure a model against."""
    session.execute(
        update(DatasetMember)
        .where(DatasetMember.version_id == version, DatasetMember.kind == "reviewed")
        .where(DatasetMember.made_by == "accepted", DatasetMember.split != "train")
        .values(decision="drop", reason="accepted_model_text", split=None)
    )


def record_splits(session: Session, version: UUID, splits: Mapping[int, Split]) -> None:
    """`splits`: line → split."""
    session.execute(
        _SPLIT, {"version": version, "lines": list(splits), "splits": list(splits.values())}
    )


def known_groups(session: Session, dataset: UUID) -> dict[bytes, Split]:
    """The splits that the groups of a dataset's name have, from its earlier versions."""
    rows = session.execute(
        select(DatasetGroup.group_mac, DatasetGroup.split).where(DatasetGroup.dataset_id == dataset)
    )
    return {row.group_mac: row.split for row in rows}


def settle_groups(
    session: Session, tenant: UUID, dataset: UUID, groups: Iterable[tuple[bytes, Split]]
) -> None:
    """Groups keep these splits in every later version of the name."""
    rows = [
        {"tenant_id": tenant, "dataset_id": dataset, "group_mac": group, "split": split}
        for group, split in groups
    ]
    if rows:
        session.execute(insert(DatasetGroup).on_conflict_do_nothing(), rows)


def add_augmented(  # noqa: PLR0913 - a page of new rows
    session: Session,
    vault: TenantVault,
    version: UUID,
    augmented: Sequence[Augmented],
    *,
    first_line: int,
    kind: Kind = "augmented",
) -> None:
    """New members of the training split, each with what it has from its parent."""
    examples = store_examples(session, vault, [(one.source, one.target) for one in augmented])
    session.execute(
        _AUGMENT,
        {
            "version": version,
            "kind": kind,
            "lines": list(range(first_line, first_line + len(augmented))),
            "examples": examples,
            "parents": [one.parent_line for one in augmented],
            "makers": [one.made_by for one in augmented],
        },
    )

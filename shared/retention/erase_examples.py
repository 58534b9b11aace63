"""Erase a subject's examples from every dataset version that holds them.

A version is fixed, so its rows stay, with their lines and what was decided about them; what they
said is gone, and no run reads them any more. Reports and the cases of evaluations quote rows: those
that may quote one of these go as well.
"""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.tables import DatasetMember, DatasetVersion, Evaluation, Example

REASON = "erased"


def erase_examples(session: Session, subject_mac: bytes) -> int:
    """Returns how many. Needs a transaction of the tenant.

    An example that another group holds too, word for word, goes as well: it is the same text.
    """
    mine = select(DatasetMember.example_id).where(
        DatasetMember.group_mac == subject_mac, DatasetMember.example_id.is_not(None)
    )
    erased = session.scalars(
        update(Example)
        .where(Example.id.in_(mine), Example.erased_at.is_(None))
        .values(source_sealed=None, target_sealed=None, erased_at=func.now())
        .returning(Example.id)
    ).all()
    touched = session.scalars(
        update(DatasetMember)
        .where(DatasetMember.example_id.in_(erased))
        .values(decision="drop", reason=REASON, split=None, metadata_sealed=None)
        .returning(DatasetMember.version_id)
    ).all()
    session.execute(
        update(DatasetVersion)
        .where(DatasetVersion.id.in_(set(touched)))
        .values(report_sealed=None, page_sealed=None)
    )
    session.execute(
        update(Evaluation)
        .where(Evaluation.dataset_version_id.in_(set(touched)))
        .values(cases_sealed=None)
    )
    return len(erased)

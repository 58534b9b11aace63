"""A version of another one's rows, to be curated, split or augmented otherwise."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.datasets.add import Provenance, begin_version, submit_version
from shared.datasets.label import require_labeller
from shared.datasets.queries import find_version, name_of
from shared.errors import Conflict, InvalidInput
from shared.schemas.datasets import MADE, DeriveRequest, Overrule, Recipe
from shared.tables import DatasetMember, DatasetVersion

# Under another name the groups have no splits yet: they keep those that they had.
_COPY = text(
    """
    INSERT INTO dataset_members (
        version_id, line, tenant_id, example_id, note_type, group_mac, metadata_sealed,
        permitted_use, asked_split, decision, reason, detail, kind, parent_line, made_by
    )
    SELECT :version, m.line, m.tenant_id, m.example_id, m.note_type, m.group_mac,
           m.metadata_sealed, m.permitted_use,
           CASE WHEN :renamed THEN coalesce(m.asked_split, m.split) ELSE m.asked_split END,
           CASE WHEN m.decision = 'reject' THEN 'reject' END,
           CASE WHEN m.decision = 'reject' THEN m.reason END,
           CASE WHEN m.decision = 'reject' THEN m.detail END,
           m.kind, m.parent_line, m.made_by
    FROM dataset_members m WHERE m.version_id = :parent AND NOT m.kind = ANY(:made)
    """
)


def derive_version(session: Session, tenant: UUID, name: str, request: DeriveRequest) -> int:
    """Its number. Needs a transaction of the tenant.

    Raises NotFound, Gone and Conflict for a version that cannot be derived from, and InvalidInput
    for a line that nobody can overrule and for who is to write pseudo-labels but is not there.
    """
    parent = _find_parent(session, request.source)
    require_labeller(session, request.augment)
    _require_overrulable(session, parent.id, request.overrule)
    version = begin_version(
        session, tenant, name, _provenance(parent), _recipe(parent, request), parent.id
    )
    renamed = name_of(session, parent.id) != f"{name}@{parent.number}"
    session.execute(
        _COPY, {"version": version, "parent": parent.id, "renamed": renamed, "made": list(MADE)}
    )
    return submit_version(session, version)


def _find_parent(session: Session, reference: str) -> DatasetVersion:
    """Also one that failed, as a leaking one does: its rows are there to be chosen from."""
    name, _, number = reference.partition("@")
    parent = find_version(session, name, int(number))
    if parent.status not in ("ready", "failed"):
        raise Conflict(
            f"The dataset version is {parent.status}.",
            code="dataset_not_ready",
            how_to_fix="Wait until it is ready.",
        )
    return parent


def _require_overrulable(session: Session, parent: UUID, overrules: Sequence[Overrule]) -> None:
    """Raises InvalidInput for a line that was rejected or made for the parent, or is not there."""
    lines = {one.line for one in overrules}
    known = session.execute(
        select(DatasetMember.line, DatasetMember.decision)
        .where(DatasetMember.version_id == parent, DatasetMember.kind.not_in(MADE))
        .where(DatasetMember.line == func.any(list(lines)))
    )
    rejected = set()
    for row in known:
        lines.discard(row.line)
        if row.decision == "reject":
            rejected.add(row.line)
    if lines:
        raise InvalidInput(
            f"The version has no row at line {min(lines)} to be decided about.",
            code="unknown_line",
            param="overrule",
            line=min(lines),
            how_to_fix="`epicrisis datasets decisions` shows the lines; those that were made for a "
            "version, as by augmentation, are not handed on.",
        )
    if rejected:
        raise InvalidInput(
            f"The row at line {min(rejected)} could not be read, so it can be neither kept nor "
            "dropped.",
            code="rejected_line",
            param="overrule",
            line=min(rejected),
            how_to_fix="Correct it and upload it again.",
        )


def _provenance(parent: DatasetVersion) -> Provenance:
    return Provenance(
        parent.note_type,
        parent.origin,
        parent.licence,
        parent.permitted_use,  # type: ignore[arg-type] # one of the literals, by its schema
        parent.holds_patient_data,
    )


def _recipe(parent: DatasetVersion, request: DeriveRequest) -> Recipe:
    """The parent's, but for what the request says; what a person overruled there stays so."""
    before = Recipe.model_validate(parent.recipe)
    overruled = {one.line: one for one in (*before.overrule, *request.overrule)}
    return Recipe(
        curation=request.curation or before.curation,
        augment=request.augment,
        overrule=list(overruled.values()),
        shares=request.shares or before.shares,
        allow_leakage=request.allow_leakage,
    )

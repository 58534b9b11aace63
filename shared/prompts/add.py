"""Add a version: written once, never changed."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.datasets.queries import find_ready
from shared.errors import InvalidInput
from shared.ids import new_id
from shared.note_types.shipped import NoteType
from shared.prompts.check import check_content
from shared.prompts.examples import has_examples
from shared.prompts.queries import open_prompt
from shared.prompts.shipped import is_shipped, load_shipped
from shared.schemas.prompts import PromptContent, PromptRequest
from shared.tables import DatasetVersion, PromptVersion
from shared.vault import TenantVault

_SHIPPED_BY, _SHIPPED = "epicrisis", "Shipped with Epicrisis."


def add_prompt(
    session: Session, vault: TenantVault, note_type: NoteType, request: PromptRequest, actor: str
) -> PromptVersion:
    """The next version of the note type; what the newest says already is that one.

    Needs a transaction of the vault's tenant. Raises InvalidInput for templates that cannot be
    rendered, and NotFound and Conflict for a dataset that examples cannot be drawn from.
    """
    members = request.model_dump(exclude={"message"})
    members["variables"] = {"title": note_type.title.lower(), **request.variables}
    content = PromptContent.model_validate(members)
    check_content(content)
    examples = None if content.examples is None else _examples(session, content.examples.dataset)
    ensure_shipped(session, vault, note_type.name)
    newest = session.scalar(
        select(PromptVersion)
        .where(PromptVersion.note_type == note_type.name)
        .order_by(PromptVersion.number.desc())
        .limit(1)
    )
    same = newest is not None and newest.status == "ready"
    if newest is not None and same and open_prompt(vault, newest).content == content:
        return newest
    version = _row(vault, note_type.name, 1 if newest is None else newest.number + 1, content)
    version.examples_id = None if examples is None else examples.id
    version.message, version.created_by = request.message, actor
    session.add(version)
    session.flush()
    return version


def _examples(session: Session, dataset: str) -> DatasetVersion:
    """Raises InvalidInput for one that has nothing to show."""
    version = find_ready(session, dataset)
    if not has_examples(session, version.id):
        raise InvalidInput(
            "The dataset version has no example that may be shown: kept rows of the training split "
            "with a target and permitted_use=training.",
            code="nothing_to_show",
            param="examples",
            how_to_fix="Add the dataset with `--permitted-use training`, or name another one.",
        )
    return version


def ensure_shipped(session: Session, vault: TenantVault, note_type: str) -> None:
    """The shipped prompt is a version like any other as soon as there are others.

    Whoever asks at the same time waits for this transaction to end: numbers are given in turn.
    """
    lock = f"prompt_versions {vault.tenant} {note_type}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
    if not is_shipped(note_type):
        return
    if session.scalar(select(func.count()).where(PromptVersion.note_type == note_type)):
        return
    shipped = load_shipped(note_type)
    version = _row(vault, note_type, shipped.number, shipped.content)
    version.message, version.created_by = _SHIPPED, _SHIPPED_BY
    session.add(version)
    session.flush()


def _row(vault: TenantVault, note_type: str, number: int, content: PromptContent) -> PromptVersion:
    row = new_id()
    return PromptVersion(
        id=row,
        tenant_id=vault.tenant,
        note_type=note_type,
        number=number,
        content_sealed=vault.seal(content.model_dump_json(), row=row, field="prompt"),
        status="ready",
    )

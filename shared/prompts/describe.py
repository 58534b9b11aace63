"""Prompts as the outside sees them. Needs a transaction of the vault's tenant."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.ids import public_id
from shared.note_types.queries import load
from shared.note_types.shipped import NoteType
from shared.prompts.queries import open_prompt, serving_name
from shared.prompts.shipped import is_shipped, load_shipped
from shared.registry.kinds import PROMPTS
from shared.registry.queries import in_production, list_versions, name_of
from shared.schemas.prompts import PromptAnswer, PromptVersionAnswer
from shared.tables import PromptProduction, PromptPromotion, PromptSplit, PromptVersion
from shared.vault import TenantVault


def describe_prompts(session: Session) -> list[PromptAnswer]:
    """Every note type with the prompt that serves it."""
    counted = {
        row.note_type: row
        for row in session.execute(
            select(
                PromptVersion.note_type,
                func.count().label("versions"),
                func.max(PromptVersion.number).label("newest"),
            ).group_by(PromptVersion.note_type)
        )
    }
    since = {
        row.note_type: row.at
        for row in session.execute(
            select(PromptProduction.note_type, PromptPromotion.at).join(
                PromptPromotion, PromptPromotion.id == PromptProduction.promotion_id
            )
        )
    }
    splits = {
        row.note_type: public_id("split", row.id)
        for row in session.scalars(select(PromptSplit).where(PromptSplit.stopped_at.is_(None)))
    }
    answers = []
    for note_type in load(session).values():
        name, mine = note_type.name, counted.get(note_type.name)
        production = in_production(session, PROMPTS, name)
        newest = mine.newest if mine else load_shipped(name).number if is_shipped(name) else None
        answers.append(
            PromptAnswer(
                note_type=name,
                serves=serving_name(session, note_type),
                production=None if production is None else name_of(production),
                since=since.get(name),
                split=splits.get(name),
                versions=mine.versions if mine else int(is_shipped(name)),
                newest=None if newest is None else f"prompts:/{name}/{newest}",
            )
        )
    return answers


def describe_version(
    session: Session, vault: TenantVault, note_type: NoteType, number: int
) -> PromptVersionAnswer:
    """Raises NotFound."""
    for answer in describe_versions(session, vault, note_type, after=number + 1, limit=1):
        if answer.number == number:
            return answer
    raise NotFound(
        "There is no such prompt version.",
        how_to_fix=f"`epicrisis prompts list {note_type.name}` shows them.",
    )


def describe_versions(
    session: Session, vault: TenantVault, note_type: NoteType, *, after: int | None, limit: int
) -> list[PromptVersionAnswer]:
    """Newest first, below the number `after`; the shipped one also where it has no row yet."""
    name = note_type.name
    rows = list_versions(session, PROMPTS, name, after=after, limit=limit)
    production = in_production(session, PROMPTS, name)
    serves = serving_name(session, note_type)
    answers = [
        PromptVersionAnswer.model_validate(
            {
                "name": name_of(row),
                "note_type": name,
                "number": row.number,
                "status": row.status,
                "in_production": production is not None and production.id == row.id,
                "serves": name_of(row) == serves,
                "content": open_prompt(vault, row).content,
                "message": row.message,
                "created_by": row.created_by,
                "created_at": row.created_at,
                "withdrawn_at": row.withdrawn_at,
                "withdrawn_because": row.withdrawn_because,
            }
        )
        for row in rows
    ]
    if not rows and is_shipped(name):
        shipped = load_shipped(name)
        if (after is None or after > shipped.number) and not _has_rows(session, name):
            answers.append(
                PromptVersionAnswer(
                    name=shipped.identity,
                    note_type=name,
                    number=shipped.number,
                    status="ready",
                    in_production=False,
                    serves=shipped.identity == serves,
                    content=shipped.content,
                    message="Shipped with Epicrisis.",
                    created_by="epicrisis",
                    created_at=None,
                )
            )
    return answers


def _has_rows(session: Session, note_type: str) -> bool:
    query = select(func.count()).where(PromptVersion.note_type == note_type)
    return bool(session.scalar(query))

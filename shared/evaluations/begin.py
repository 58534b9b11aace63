"""Submit the documents of an evaluation: one batch for each candidate, of the same examples.

They are ordinary documents of the ledger, at the lowest priority. A candidate stands for itself: a
document that it cannot summarize fails. Production alone steps down, as it does for everybody.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.batches.submit_texts import InternalText, submit_texts
from shared.errors import Conflict
from shared.evaluations.choose import Choice, choose
from shared.ids import public_id
from shared.note_types.queries import load
from shared.prompts.queries import serving_name
from shared.registry.gate import PROMPT
from shared.registry.kinds import MODELS
from shared.registry.queries import find_named, in_production, name_of
from shared.schemas.batches import BatchParameters
from shared.tables import DatasetMember, Evaluation, Example
from shared.vault import TenantVault

_PAGE = 100


def begin(session: Session, vault: TenantVault, evaluation: Evaluation) -> dict[str, object]:
    """The columns of the evaluation that say so.

    Needs a transaction of the vault's tenant that holds the evaluation. Raises Conflict when there
    is no example that none of the candidates has learned from.
    """
    serving = in_production(session, MODELS, evaluation.note_type)
    prompt = serving_name(session, load(session).or_general(evaluation.note_type))
    production = None if serving is None else name_of(serving)
    choice = choose_for(session, evaluation, production)
    if not choice.lines:
        raise Conflict(
            f"Of the split, {choice.excluded} examples could be evaluated on, and a candidate has "
            "learned from the groups of all of them.",
            code="all_examples_learned",
            how_to_fix="Evaluate on the test split, or on a dataset that no candidate has seen.",
        )
    batches = {
        candidate: submit_texts(
            session,
            vault,
            _texts(session, vault, evaluation, choice.lines),
            _parameters(candidate, production, prompt, evaluation.id),
            purpose="evaluation",
        )
        for candidate in evaluation.candidates
    }
    return {
        "production": production,
        "production_prompt": prompt,
        "batches": {candidate: str(batch) for candidate, batch in batches.items()},
        "step": "summarize",
        "done": 0,
        "total": len(batches) * len(choice.lines),
    }


def choose_for(session: Session, evaluation: Evaluation, production: str | None) -> Choice:
    """Its examples, for its candidates and for what is in production."""
    named = [find_named(session, name) for name in models_of(evaluation.candidates, production)]
    return choose(
        session,
        evaluation.dataset_version_id,
        evaluation.split,
        limit=evaluation.limit,
        models=[version.id for version in named if version is not None],
    )


def models_of(candidates: Sequence[str], production: str | None) -> list[str]:
    """The model versions among them, each once."""
    named = [name for name in candidates if name.startswith("models:/")]
    return list(dict.fromkeys([*named, *([production] if production else [])]))


def _texts(
    session: Session, vault: TenantVault, evaluation: Evaluation, lines: Sequence[int]
) -> Iterator[InternalText]:
    for first in range(0, len(lines), _PAGE):
        page = lines[first : first + _PAGE]
        rows = session.execute(
            select(DatasetMember.line, DatasetMember.group_mac, Example.id, Example.source_sealed)
            .join(Example, Example.id == DatasetMember.example_id)
            .where(DatasetMember.version_id == evaluation.dataset_version_id)
            .where(DatasetMember.line.in_(page), Example.erased_at.is_(None))
            .order_by(DatasetMember.line)
        ).all()
        for row in rows:
            yield InternalText(
                custom_id=str(row.line),
                text=vault.open(row.source_sealed or b"", row=row.id, field="source"),
                note_type=evaluation.note_type,
                # So that a patient's erasure finds this copy as well.
                subject_mac=row.group_mac,
            )


def _parameters(
    candidate: str, production: str | None, prompt: str, evaluation: UUID
) -> BatchParameters:
    group = public_id("eval", evaluation)
    if candidate == "production":
        # Named, so that a promotion in the middle does not mix two productions.
        way = {"model_version": production} if production else {"prompt_version": prompt}
        return BatchParameters.model_validate({**way, "group": group, "priority": "bulk"})
    if candidate.startswith("models:/"):
        way = {"model_version": candidate}
    elif candidate == PROMPT:
        way = {"prompt_version": prompt}
    elif candidate.startswith("prompts:/"):
        way = {"prompt_version": candidate}
    else:
        way = {"route": candidate}
    return BatchParameters.model_validate(
        {**way, "fallback": "none", "group": group, "priority": "bulk"}
    )

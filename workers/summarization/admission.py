"""Which routes a document may take: what its sender asks for, and what stands in the way."""

from shared.documents.ledger import Claim
from shared.errors import NotFound
from shared.schemas.summaries import Reason, Route
from shared.text.language_tags import is_among
from workers.inference.engine import Engine
from workers.summarization.draft import ClaimedText
from workers.summarization.prompting import prompt_of


def asked_route(claim: Claim) -> Route | None:
    """Where the ladder begins for the document; None: at the top."""
    if claim.asked_model_version is not None:
        return "fine_tuned"
    if claim.asked_prompt_version is not None:
        return "prompt"
    return claim.asked_route


def barriers(source: ClaimedText, engine: Engine | None) -> dict[Route, Reason]:
    """Why routes may not be given the document, whatever state their models are in."""
    if not is_among(source.language, source.note_type.languages):
        return {"fine_tuned": "language_not_supported", "prompt": "language_not_supported"}
    if engine is not None and engine.remote and not source.remote_permitted:
        return {"prompt": "remote_not_permitted"}
    try:
        prompt_of(source.note_type, source.claim)
    except NotFound:
        return {"prompt": "no_prompt_version"}
    return {}

"""Which routes a document may take: what its sender asks for, and what stands in the way."""

from shared.documents.ledger import Claim
from shared.schemas.summaries import Reason, Route
from shared.text.language_tags import is_among
from workers.inference.engine import Engine
from workers.summarization.draft import ClaimedText


def asked_route(claim: Claim) -> Route | None:
    """Where the ladder begins for the document; None: at the top."""
    if claim.asked_model_version is not None:
        return "fine_tuned"
    if claim.asked_prompt_version is not None:
        return "prompt"
    return claim.asked_route


def barriers(source: ClaimedText, prompt_engine: Engine | None) -> dict[Route, Reason]:
    """Why routes may not be given the document, whatever state their models are in."""
    found: dict[Route, Reason | None] = {
        "fine_tuned": _barrier_of_version(source),
        "prompt": _barrier_of_prompt(source, prompt_engine),
    }
    if not is_among(source.language, source.note_type.languages):
        found = dict.fromkeys(found, "language_not_supported")
    return {route: reason for route, reason in found.items() if reason is not None}


def _barrier_of_version(source: ClaimedText) -> Reason | None:
    if source.serving is None:
        return "no_model_version" if source.claim.asked_model_version is not None else None
    if not is_among(source.language, source.serving.manifest.languages):
        return "language_not_supported"
    return None


def _barrier_of_prompt(source: ClaimedText, engine: Engine | None) -> Reason | None:
    if engine is not None and engine.remote and not source.remote_permitted:
        return "remote_not_permitted"
    return "no_prompt_version" if source.prompt is None else None

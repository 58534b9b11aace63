"""Subjects: whoever documents are about."""

from fastapi import APIRouter

from services.api.dependencies import CanAdminister, ServicesDep
from shared.retention.erase_subject import erase_subject
from shared.schemas.retention import Erasure, SubjectRequest

router = APIRouter(tags=["administration"])


@router.delete("/subjects")
def erase(body: SubjectRequest, services: ServicesDep, principal: CanAdminister) -> Erasure:
    """Erase a patient: every document that was submitted with this subject, and what came of it.

    Batches that held one go on without it and count one document less.
    """
    with services.tenant(principal) as (session, vault):
        erased = erase_subject(session, vault, body.subject)
        counts = erased.erasure.model_dump(exclude={"object"})
        services.audit(session, principal, "subject.erase", *erased.objects, **counts)
        return erased.erasure

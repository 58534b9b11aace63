"""Subjects: whoever documents are about."""

from fastapi import APIRouter

from services.api.dependencies import CanAdminister, ServicesDep
from shared.access.tenants import administer, find_tenant, open_vault
from shared.database import set_for_transaction
from shared.retention.erase_subject import erase_subject
from shared.schemas.retention import Erasure, SubjectRequest

router = APIRouter(tags=["administration"])


@router.delete("/subjects")
def erase(body: SubjectRequest, services: ServicesDep, principal: CanAdminister) -> Erasure:
    """Erase a patient: every document that was submitted with this subject, and what came of it.

    In one tenant: a patient who is known to several is erased in each. Batches that held one go on
    without it and count one document less.
    """
    with services.database.transaction(principal.tenant) as session:
        tenant = principal.tenant
        if body.tenant is not None:
            administer(session)
            tenant = find_tenant(session, body.tenant).id
            set_for_transaction(session, "tenant", str(tenant))
        vault = open_vault(session, services.vault, tenant)
        erased = erase_subject(session, vault, body.subject)
        counts = erased.erasure.model_dump(exclude={"object", "trained_models"})
        services.audit(
            session,
            principal,
            "subject.erase",
            *erased.objects,
            affected=tenant,
            trained_models=",".join(erased.erasure.trained_models),
            **counts,
        )
        return erased.erasure

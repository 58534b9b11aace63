"""Erase all that is known of a patient, or of whoever else documents are about."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from shared.ids import public_id
from shared.registry.lineage import versions_trained_on
from shared.retention.erase_documents import erase_documents
from shared.retention.erase_examples import erase_examples
from shared.schemas.retention import Erasure
from shared.tables import Document
from shared.vault import TenantVault


class Erased(NamedTuple):
    erasure: Erasure
    """For whoever asked: counts."""
    objects: list[str]
    """For the audit: ids of what is gone, by which nobody can be found any more."""


def erase_subject(session: Session, vault: TenantVault, subject: str) -> Erased:
    """Delete whatever was submitted with exactly this `subject`; finding nothing is no error.

    Needs a transaction of the vault's tenant. Each noun that can hold patients' data has its own
    `erase_…` beside this one, found by the same keyed digest, and is called from here.
    """
    subject_mac = vault.mac(subject, purpose="subject")
    documents = erase_documents(session, Document.subject_mac == subject_mac)
    return Erased(
        Erasure(
            documents=documents.submitted,
            summaries=documents.summaries,
            batches=len(documents.batches),
            examples=erase_examples(session, subject_mac),
            trained_models=versions_trained_on(session, subject_mac),
        ),
        [public_id("doc", document) for document in documents.documents],
    )

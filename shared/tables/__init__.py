"""The Postgres vocabulary. Imported together, so that every foreign key finds its table."""

from shared.tables.access import ApiKey, AuditKey, Client, DataKey, SeenAssertion, Tenant
from shared.tables.audit import AuditEvent, AuditLink
from shared.tables.base import Table
from shared.tables.batches import Batch, BatchContent, IdempotencyKey
from shared.tables.datasets import (
    Dataset,
    DatasetGroup,
    DatasetMember,
    DatasetVersion,
    Example,
)
from shared.tables.documents import Document, DocumentContent, Lane, Replacement
from shared.tables.note_types import TenantNoteType
from shared.tables.queue import OutboxRow, WorkerPresence
from shared.tables.summaries import Review, Summary

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditKey",
    "AuditLink",
    "Batch",
    "BatchContent",
    "Client",
    "DataKey",
    "Dataset",
    "DatasetGroup",
    "DatasetMember",
    "DatasetVersion",
    "Document",
    "DocumentContent",
    "Example",
    "IdempotencyKey",
    "Lane",
    "OutboxRow",
    "Replacement",
    "Review",
    "SeenAssertion",
    "Summary",
    "Table",
    "Tenant",
    "TenantNoteType",
    "WorkerPresence",
]

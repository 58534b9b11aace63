"""The Postgres vocabulary. Imported together, so that every foreign key finds its table."""

from shared.tables.access import ApiKey, DataKey, Tenant
from shared.tables.base import Table
from shared.tables.batches import Batch, BatchContent, IdempotencyKey
from shared.tables.documents import Document, DocumentContent, Lane
from shared.tables.queue import OutboxRow, WorkerPresence
from shared.tables.summaries import Summary

__all__ = [
    "ApiKey",
    "Batch",
    "BatchContent",
    "DataKey",
    "Document",
    "DocumentContent",
    "IdempotencyKey",
    "Lane",
    "OutboxRow",
    "Summary",
    "Table",
    "Tenant",
    "WorkerPresence",
]

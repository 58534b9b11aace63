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
from shared.tables.evaluations import Evaluation
from shared.tables.note_types import TenantNoteType
from shared.tables.queue import OutboxRow, WorkerPresence
from shared.tables.registry import (
    ModelVersion,
    Production,
    Promotion,
    PromptProduction,
    PromptPromotion,
    PromptSplit,
    PromptVersion,
)
from shared.tables.summaries import Review, Summary
from shared.tables.training import (
    Base,
    TrainingEvent,
    TrainingPoint,
    TrainingRun,
    TrainingTrigger,
)

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditKey",
    "AuditLink",
    "Base",
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
    "Evaluation",
    "Example",
    "IdempotencyKey",
    "Lane",
    "ModelVersion",
    "OutboxRow",
    "Production",
    "Promotion",
    "PromptProduction",
    "PromptPromotion",
    "PromptSplit",
    "PromptVersion",
    "Replacement",
    "Review",
    "SeenAssertion",
    "Summary",
    "Table",
    "Tenant",
    "TenantNoteType",
    "TrainingEvent",
    "TrainingPoint",
    "TrainingRun",
    "TrainingTrigger",
    "WorkerPresence",
]

"""Every message between processes, in the order in which a document meets them.

A message is a wake-up for a queue: it says that there is work in the ledger, never what it is, and
never a word of text. Losing one costs a scan at most; getting one twice costs nothing.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """What crosses the broker. `name` is the Celery task's, `queue` the Celery queue's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    queue: ClassVar[str]


class AttachmentsQueued(Message):
    """There are attachments to take to text."""

    name: ClassVar[str] = "background.extract"
    queue: ClassVar[str] = "background"


class DocumentsQueued(Message):
    """There are documents to claim."""

    name: ClassVar[str] = "summarization.drain"
    queue: ClassVar[str] = "summarization"


class DatasetsQueued(Message):
    """There are dataset versions to make."""

    name: ClassVar[str] = "background.curate"
    queue: ClassVar[str] = "background"


class EvaluationsQueued(Message):
    """There are evaluations to submit or to score."""

    name: ClassVar[str] = "background.evaluate"
    queue: ClassVar[str] = "background"


class TrainingQueued(Message):
    """There are bases to import or runs to train."""

    name: ClassVar[str] = "training.drain"
    queue: ClassVar[str] = "training"


MESSAGES: dict[str, type[Message]] = {
    message.name: message
    for message in (
        AttachmentsQueued,
        DocumentsQueued,
        DatasetsQueued,
        EvaluationsQueued,
        TrainingQueued,
    )
}
QUEUES: tuple[str, ...] = ("summarization", "training", "background")

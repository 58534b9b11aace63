"""A client that submits, waits and reads back, and gives up at nothing: what hospitals run."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from services.client.errors import EpicrisisClientError
from services.client.http import Epicrisis
from shared.schemas.batches import FINAL_BATCH_STATUSES, BatchAnswer, ResultLine

Answer = TypeVar("Answer")
BATCH = 100
FILLER = "The lungs are clear and the abdomen is soft. " * 30
"""A micro-batch is bounded by characters: with these one holds a few notes."""
_POLL_SECONDS = 0.5


def note(number: int) -> str:
    """Its first sentence is its own, and so is that of its summary."""
    return f"Patient {number} has had a cough for {number} days. {FILLER}"


@dataclass
class Driver:
    """Everything that was answered with 202, and what it was."""

    client: Epicrisis
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By batch and `custom_id`."""
    refused: Counter[str] = field(default_factory=Counter)
    """Errors that the client got, by their code: retried, every one."""

    @property
    def acknowledged(self) -> int:
        return sum(len(notes) for notes in self.texts.values())

    def submit(self, documents: int, *, batch: int = BATCH, first: int = 0) -> list[str]:
        """In batches; returns their ids. A batch that is not answered is sent again, as it is."""
        return [
            self.submit_notes({f"n-{n}": note(n) for n in range(start, min(start + batch, end))})
            for end in [first + documents]
            for start in range(first, end, batch)
        ]

    def submit_notes(self, notes: dict[str, str]) -> str:
        lines = [json.dumps({"custom_id": name, "text": text}) for name, text in notes.items()]
        body, key = "\n".join(lines).encode(), f"{len(self.texts)}-{next(iter(notes))}"
        answer = self.patiently(
            lambda: self.client.submit(body, "application/x-ndjson", idempotency_key=key)
        )
        self.texts[answer.id] = notes
        return answer.id

    def wait(self, seconds: float = 900.0) -> bool:
        """Until every batch has ended; False where one has not by then."""
        deadline = time.monotonic() + seconds
        for batch in self.texts:
            while not self.is_done(batch):
                if time.monotonic() > deadline:
                    return False
                time.sleep(_POLL_SECONDS)
        return True

    def is_done(self, batch: str) -> bool:
        return self.batch(batch).status in FINAL_BATCH_STATUSES

    def batch(self, batch: str) -> BatchAnswer:
        return self.patiently(lambda: self.client.batch(batch))

    def wrong(self) -> dict[str, int]:
        """What a client finds wrong with the results: nothing, if each is there once, its own."""
        found: Counter[str] = Counter()
        for batch, notes in self.texts.items():
            lines = self.patiently(partial(self._lines, batch))
            counts = Counter(line.custom_id for line in lines)
            found["results missing"] += sum(name not in counts for name in notes)
            found["results twice"] += sum(count > 1 for count in counts.values())
            found["summaries of another text"] += sum(
                line.summary is not None
                and line.summary.text.split(".")[0] not in notes[line.custom_id]
                for line in lines
            )
        return {what: count for what, count in found.items() if count}

    def _lines(self, batch: str) -> list[ResultLine]:
        return list(self.client.results(batch))

    def patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Again until it is answered."""
        while True:
            try:
                return ask()
            except EpicrisisClientError as error:
                self.refused[error.code] += 1
                time.sleep(_POLL_SECONDS)

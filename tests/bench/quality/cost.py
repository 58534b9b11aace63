"""What everything around generation costs, as a share of generation.

The pipeline on real notes, less the time inside the engine's `generate`: finding sections,
splitting, prompts, merging, evidence, all checks. Processor time of one thread, so that company on
the machine does not count.
"""

import time
from collections.abc import Sequence

from shared.note_types.shipped import NOTE_TYPES
from tests.bench.quality.bart_shape import BartShapeEngine
from tests.bench.quality.claims import claimed
from tests.bench.quality.data import records
from tests.bench.quality.offline import packaged_engine, pipeline
from tests.bench.quality.tables import Row, markdown
from workers.inference.engine import Chat, Engine, Output, Request

NOTES = 40
GOAL = 0.03


class Timed:
    """An engine and the processor seconds of its generations."""

    remote = False

    def __init__(self, engine: Engine) -> None:
        self.name, self.window, self.warnings = engine.name, engine.window, engine.warnings
        self._engine = engine
        self.seconds = 0.0

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return self._engine.prompt_tokens(chat)

    def input_room(self, max_output_tokens: int) -> int:
        return self._engine.input_room(max_output_tokens)

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        began = time.process_time()
        outputs = self._engine.generate(requests)
        self.seconds += time.process_time() - began
        return outputs


def table(split: str) -> str:
    del split  # nothing is tuned on these notes
    notes = [record["text"] for record in records("ehr_notes_plaintext", "curated")]
    notes = notes[:: len(notes) // NOTES][:NOTES]
    packaged = packaged_engine()
    rows = [
        _row("SmolLM2-135M, int8", packaged, notes),
        _row("DistilBART-12-6's shape, int8", BartShapeEngine(packaged), notes),
    ]
    words = sum(len(note.split()) for note in notes) // len(notes)
    head = f"What is around generation, {len(notes)} notes of {words} words on average\n\n"
    return head + markdown(rows)


def _row(name: str, engine: Engine, notes: Sequence[str]) -> Row:
    timed = Timed(engine)
    model = pipeline(timed)
    documents = [claimed(note, NOTE_TYPES["general"], place) for place, note in enumerate(notes)]
    # The first document fills caches that a worker fills once.
    model.summarize(documents[:1])
    timed.seconds = 0.0
    began = time.process_time()
    model.summarize(documents)
    whole = time.process_time() - began
    share = (whole - timed.seconds) / timed.seconds
    per_note = 1000 * (whole - timed.seconds) / len(notes)
    measured = f"{share:.2%}, {per_note:.0f} ms a note (n = {len(notes)})"
    return Row(f"beside {name}", f"< {GOAL:.0%}", measured, met=share < GOAL)

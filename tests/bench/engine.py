"""The bare engine on one core's share of some notes: prints the seconds of generation.

python -m tests.bench.engine NOTES.json SHARE SHARES
"""

import json
import sys
import time
from pathlib import Path
from uuid import uuid4

from shared.config import EngineSettings
from shared.documents.ledger import Claim
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.shipped import load_shipped
from workers.inference.load import load_prompt_engine
from workers.summarization.draft import ClaimedText
from workers.summarization.note import Note
from workers.summarization.prompting import prepare


def main() -> None:
    path, share, shares = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    engine = load_prompt_engine(EngineSettings(prompt_model="packaged:smollm2"))
    assert engine is not None
    notes = sorted(json.loads(Path(path).read_text()), key=lambda note: len(note[1]))
    requests = [
        request
        for note_type, text in notes[share::shares]
        for request in prepare(Note(_source(note_type, text)), engine).requests
    ]
    began = time.perf_counter()
    engine.generate(requests)
    print(time.perf_counter() - began)


def _source(note_type: str, text: str) -> ClaimedText:
    nobody = uuid4()
    claim = Claim(nobody, nobody, nobody, note_type, "any", len(text), 1, 0, [])
    prompt = load_shipped(note_type)
    return ClaimedText(claim, text, NOTE_TYPES[note_type], remote_permitted=False, prompt=prompt)


if __name__ == "__main__":
    main()

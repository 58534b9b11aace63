"""Texts as the pipeline takes them, without a ledger."""

from uuid import UUID

from shared.documents.ledger import Claim
from shared.note_types.shipped import NoteType
from tests.factories.prompts import prompt_of
from workers.summarization.draft import ClaimedText


def claimed(text: str, note_type: NoteType, place: int = 0) -> ClaimedText:
    """`place` is the number of its claim."""
    nobody = UUID(int=0)
    claim = Claim(UUID(int=place), nobody, nobody, note_type.name, "any", len(text), 1, 0, [])
    prompt = prompt_of(note_type)
    return ClaimedText(claim, text, note_type, remote_permitted=False, language="en", prompt=prompt)

"""The fine-tuned route: a model version that was trained for the note type."""

from shared.registry.queries import ServingVersion
from shared.schemas.summaries import ProducedBy, Reason
from shared.training.template import turns_of
from workers.inference.engine import Engine, Request
from workers.summarization.asking import MARGIN_TOKENS, Asked, parts_of
from workers.summarization.note import Note


def produced_by_version(serving: ServingVersion, reason: Reason) -> ProducedBy:
    return ProducedBy(route="fine_tuned", reason=reason, model_version=serving.name)


def ask_version(note: Note, engine: Engine, serving: ServingVersion, reason: Reason) -> Asked:
    """Parts no longer than what it was trained on: a small model knows no more."""
    manifest = serving.manifest
    template, title = manifest.template, note.note_type.title
    bare = turns_of(template, title=title, note="")
    room = engine.input_room(manifest.max_target_tokens)
    budget = min(room, manifest.max_source_tokens) - engine.prompt_tokens(bare) - MARGIN_TOKENS
    parts, first = parts_of(note, budget, engine.count_tokens)
    requests = [
        Request(
            turns_of(template, title=title, note=part.text),
            manifest.max_target_tokens,
            num_beams=manifest.num_beams,
        )
        for part in parts
    ]
    made = produced_by_version(serving, reason)
    return Asked(note, made, bare[0][1], parts, first, requests)

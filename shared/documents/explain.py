"""How a summary came to be, from what is kept of it. Needs a transaction of the asker's tenant."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.documents.queries import document_of, get_summary, get_text
from shared.ids import public_id
from shared.note_types.queries import load
from shared.note_types.shipped import NoteType
from shared.prompts.examples import read_shown
from shared.prompts.prompt import Prompt
from shared.prompts.queries import find_prompt
from shared.prompts.render import Turns, render
from shared.registry.queries import find_named
from shared.schemas.explanations import (
    ExplainedEvidence,
    ExplainedPart,
    ExplainedSection,
    ExplainedSentence,
    Explanation,
    LadderStep,
    Part,
    Trace,
    Turn,
)
from shared.schemas.registry import ModelManifest
from shared.schemas.summaries import ProducedBy, Sentence
from shared.tables import Summary
from shared.text.excerpt import Excerpt
from shared.text.sections import sections
from shared.text.spans import Span
from shared.training.template import turns_of
from shared.vault import TenantVault

# A summary that repeats another has the other's trace, however many lie between.
_TRACE = text(
    """
    WITH RECURSIVE told AS (
        SELECT id, reused_from, trace_sealed FROM summaries WHERE id = :summary
        UNION
        SELECT s.id, s.reused_from, s.trace_sealed
        FROM told JOIN summaries s ON s.id = told.reused_from
        WHERE told.trace_sealed IS NULL
    )
    SELECT id, trace_sealed FROM told WHERE trace_sealed IS NOT NULL
    """
)


def explain(session: Session, vault: TenantVault, summary: UUID) -> Explanation:
    """The ways that were tried, what was read, each sentence beside its evidence.

    A summary made before traces were kept has no parts, and of its steps only the last. Raises
    NotFound and Gone.
    """
    answer = get_summary(session, vault, summary)
    row = session.get_one(Summary, summary)
    document = document_of(session, summary)
    source = get_text(session, vault, document)
    made = answer.produced_by
    trace = _trace(session, vault, summary) or Trace(steps=[_used(made)])
    note_type = load(session).or_general(row.note_type)
    given = _given(session, vault, made, note_type)
    return Explanation(
        summary_id=answer.id,
        document_id=public_id("doc", document),
        note_type=row.note_type,
        language=answer.language,
        produced_by=made,
        withdrawn_at=answer.withdrawn_at,
        warnings=answer.warnings,
        steps=trace.steps,
        sections=_sections(source),
        parts=[_part(part, source, given) for part in trace.parts],
        withheld=trace.withheld,
        sentences=[_sentence(sentence, source) for sentence in answer.sentences],
        dropped=trace.dropped,
        policy=dict(note_type.policy),
    )


def _trace(session: Session, vault: TenantVault, summary: UUID) -> Trace | None:
    found = session.execute(_TRACE, {"summary": summary}).one_or_none()
    if found is None:
        return None
    return Trace.model_validate_json(vault.open(found.trace_sealed, row=found.id, field="trace"))


def _used(made: ProducedBy) -> LadderStep:
    return LadderStep(route=made.route, outcome="used", reason=made.reason)


def _sections(source: str) -> list[ExplainedSection]:
    return [
        ExplainedSection(
            title=found.title, level=found.level, start=found.span.start, end=found.span.end
        )
        for found in sections(source)
    ]


def _given(
    session: Session, vault: TenantVault, made: ProducedBy, note_type: NoteType
) -> Callable[[str, Part], Turns]:
    """What the model was given of a text; nothing where none was asked, or it is gone."""
    name = made.prompt_version
    if name and (prompt := find_prompt(session, vault, name, withdrawn=True)):
        return lambda text, part: _rendered(session, vault, prompt, text, part)
    is_tuned = made.route == "fine_tuned" and made.model_version is not None
    version = find_named(session, made.model_version or "") if is_tuned else None
    if version is None:
        return lambda _, __: ()
    template = ModelManifest.model_validate(version.manifest).template
    return lambda text, _: turns_of(template, title=note_type.title, note=text)


def _rendered(session: Session, vault: TenantVault, prompt: Prompt, text: str, part: Part) -> Turns:
    """Nothing where an example that it showed was erased: it cannot be told any more."""
    shown = read_shown(session, vault, prompt.examples, part.examples) if prompt.examples else {}
    if len(shown) < len(set(part.examples)):
        return ()
    examples = [shown[line] for line in part.examples]
    return render(prompt, note=text, examples=examples, strictness=part.strictness)


def _part(part: Part, source: str, given: Callable[[str, Part], Turns]) -> ExplainedPart:
    """With the prompt as it was rendered of the same ranges then; it is not kept."""
    read = Excerpt(source, [Span(each.start, each.end) for each in part.ranges])
    prompt = [Turn(role=role, content=content) for role, content in given(read.text, part)]
    return ExplainedPart(**dict(part), prompt=prompt)


def _sentence(sentence: Sentence, source: str) -> ExplainedSentence:
    return ExplainedSentence(
        text=sentence.text,
        supported=sentence.supported,
        support=sentence.support,
        evidence=[
            ExplainedEvidence(**dict(each), text=source[each.start : each.end])
            for each in sentence.evidence
        ],
        issues=sentence.issues,
    )

"""What a person is told of a summary's making."""

from rich.console import Console

from services.client.cli.explanation_view import explanation_panel
from shared.schemas.explanations import (
    DroppedSentence,
    ExplainedEvidence,
    ExplainedPart,
    ExplainedSection,
    ExplainedSentence,
    Explanation,
    LadderStep,
    Range,
    Turn,
)
from shared.schemas.summaries import Issue, ProducedBy

EXPLAINED = Explanation(
    summary_id="sum_1",
    document_id="doc_1",
    note_type="visit",
    language="en",
    produced_by=ProducedBy(
        route="extractive", reason="failed_checks", prompt_version="prompts:/visit/1"
    ),
    steps=[
        LadderStep(
            route="prompt", outcome="stepped_down", reason="failed_checks", text="A bad\ndraft."
        ),
        LadderStep(route="extractive", outcome="used", reason="failed_checks"),
    ],
    sections=[ExplainedSection(title="PLAN", level=1, start=0, end=20)],
    parts=[
        ExplainedPart(
            ranges=[Range(start=0, end=5), Range(start=9, end=20)],
            input_tokens=1200,
            output_tokens=30,
            prompt=[Turn(role="user", content="Summarize [bold]this.")],
        )
    ],
    withheld=[Range(start=5, end=9)],
    sentences=[
        ExplainedSentence(
            text="Aspirin 82 mg [daily].",
            supported=True,
            support=0.5,
            evidence=[ExplainedEvidence(start=6, end=20, section="PLAN", text="Aspirin\n81 mg.")],
            issues=[Issue(check="number_not_in_source", text="82 mg", start=8, end=13)],
        )
    ],
    dropped=[DroppedSentence(text="Invented.", supported=False, support=0.1)],
    policy={"unsupported": "drop", "repeated": "drop", "sex_mismatch": "flag"},
)


def told(*, prompts: bool = False) -> list[str]:
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        console.print(explanation_panel(EXPLAINED, prompts=prompts))
    return [line.strip("│ ") for line in capture.get().splitlines()]


def test_everything_is_told_in_order() -> None:
    lines = told()
    expected = [
        "of doc_1, language en",
        "prompt  stepped down  failed checks",
        "“A bad draft.”",
        "extractive  used  failed checks",
        "prompts:/visit/1",
        "✓ Aspirin 82 mg [daily].  50%",
        "! number not in source: 82 mg",
        "“Aspirin 81 mg.” (PLAN, 6-20)",
        "? Invented.  10%",
        "5-9: addressed to a model, given to none",
        "part 1: 0-5, 9-20  1,200 tokens in, 30 out",
        "PLAN",
        "drop: unsupported, repeated",
        "flag: sex mismatch",
    ]
    assert [line for line in lines if line in expected] == expected


def test_prompts_are_told_when_asked_for() -> None:
    assert "Summarize [bold]this." not in told()
    assert "Summarize [bold]this." in told(prompts=True)

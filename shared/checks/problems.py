"""Problems, symptoms and procedures of a summary that its source does not name."""

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.problems import Problem, problems
from shared.text.spelling import is_misspelling


def problem_not_in_source(sentence: Sentence, source: Source) -> list[Finding]:
    """Only what is clearly a problem, and nothing that any related word of the source may mean."""
    said = sentence.text
    return [
        Finding("problem_not_in_source", problem.span.of(said), *_place(problem))
        for problem in problems(said)
        if not _is_named(problem, problem.span.of(said).lower(), source)
    ]


def _place(problem: Problem) -> tuple[int, int]:
    return problem.span.start, problem.span.end


def _is_named(problem: Problem, name: str, source: Source) -> bool:
    if any(other <= source.stems for other in problem.others):
        return True
    if problem.root and problem.root in source.lower:
        return True
    return any(is_misspelling(name, word) for word in source.words)

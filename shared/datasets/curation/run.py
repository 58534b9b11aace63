"""All curation steps over the rows of a version."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.datasets.curation.catalogue import Action, Settings, check_curation
from shared.datasets.curation.step import ComparingStep, CorpusStep, RowStep
from shared.datasets.curation.steps import STEPS
from shared.datasets.records import Candidate, Decision, Flag
from shared.schemas.datasets import Curation, StepSettings

_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A step as a recipe wants it."""

    step: RowStep | ComparingStep
    action: Action
    settings: Settings

    @property
    def name(self) -> str:
        return self.step.listed.name


def curate(candidates: Iterable[Candidate], curation: Curation) -> list[Decision]:
    """The decisions about rows of which something was found, by line; all others are kept.

    Goes through the candidates once and keeps no text of them. Raises InvalidInput as
    `check_curation` does.
    """
    chosen = _chosen(curation)
    looking = [(one, one.step.look) for one in chosen if isinstance(one.step, RowStep)]
    comparing: dict[str, CorpusStep] = {
        one.name: one.step.begin(one.settings)
        for one in chosen
        if isinstance(one.step, ComparingStep)
    }
    flags: list[Flag] = []
    for candidate in candidates:
        for one, look in looking:
            found = look(candidate, one.settings)
            flags.extend(Flag(one.name, candidate.line, detail) for detail in found)
        for step in comparing.values():
            step.observe(candidate)
    for step in comparing.values():
        flags.extend(step.flags())
    return _decide(flags, {one.name: one.action for one in chosen})


def step_versions(curation: Curation) -> dict[str, int]:
    """The version of each step that runs."""
    return {one.name: one.step.listed.version for one in _chosen(curation)}


def _chosen(curation: Curation) -> list[_Chosen]:
    check_curation(curation)
    chosen = []
    for step in STEPS:
        asked = curation.steps.get(step.listed.name, StepSettings())
        if asked.action != "off":
            settings = {**step.listed.defaults, **asked.settings}
            chosen.append(_Chosen(step, asked.action or step.listed.action, settings))
    return chosen


def _decide(flags: list[Flag], actions: Mapping[str, Action]) -> list[Decision]:
    """`actions` of the steps, in the order in which they speak."""
    order = {name: place for place, name in enumerate(actions)}
    by_line: dict[int, list[Flag]] = defaultdict(list)
    for flag in flags:
        by_line[flag.line].append(flag)
    alone = {
        flag.line for flag in flags if flag.other_line is None and actions[flag.step] == "drop"
    }
    decisions = []
    for line in sorted(by_line):
        found = sorted(by_line[line], key=lambda flag: order[flag.step])
        # Of two copies one stays: not neither, when the other is dropped for a fault of its own.
        dropping = [
            flag for flag in found if actions[flag.step] == "drop" and flag.other_line not in alone
        ]
        decisions.append(_decision(line, found, dropping))
    return decisions


def _decision(line: int, found: list[Flag], dropping: list[Flag]) -> Decision:
    names = tuple(dict.fromkeys(flag.step for flag in found))
    if dropping:
        first = dropping[0]
        return Decision(line, "drop", first.step, first.detail[:_LONGEST_DETAIL], names)
    detail = "; ".join(f"{flag.step}: {flag.detail}" for flag in found)
    return Decision(line, "keep", None, detail[:_LONGEST_DETAIL], names)

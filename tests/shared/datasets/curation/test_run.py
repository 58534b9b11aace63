import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from shared.datasets.curation.catalogue import CATALOGUE, check_curation
from shared.datasets.curation.run import curate, step_versions
from shared.datasets.curation.steps import STEPS
from shared.datasets.records import Candidate, Decision
from shared.errors import InvalidInput
from shared.schemas.datasets import Curation, StepSettings

_COMPLAINTS = "cough headache vertigo rash nausea backache fatigue wheezing itching palpitations"
_PLACES = "kitchen garden office market stairs bus farm school harbor library"
_DRUGS = "aspirin metformin lisinopril warfarin amoxicillin ibuprofen insulin prednisone"


def _row(line: int) -> Candidate:
    """A record like no other, whose target its source supports."""
    dice = Random(line)
    complaint, place = dice.choice(_COMPLAINTS.split()), dice.choice(_PLACES.split())
    drug, dose, days = dice.choice(_DRUGS.split()), dice.randrange(101, 990), dice.randrange(13, 99)
    name = "".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(4)).title()
    chatter = " ".join(
        "".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(3))
        for _ in range(30)
    )
    source = (
        f"Patient {name} was seen after {days} days of {complaint}. It began in the {place}. "
        f"We spoke of {chatter}. She takes {drug} {dose} mg daily."
    )
    target = f"{name} has had {complaint} for {days} days and takes {drug} {dose} mg daily."
    return Candidate(line, source, target, "visit")


def _rows(count: int = 80) -> list[Candidate]:
    return [_row(line) for line in range(1, count + 1)]


def _decided(rows: list[Candidate], curation: Curation | None = None) -> dict[int, Decision]:
    def once() -> Iterator[Candidate]:
        yield from rows

    found = curate(once(), curation or Curation())
    assert [one.line for one in found] == sorted(one.line for one in found)
    return {one.line: one for one in found}


def _asked(step: str, **given: object) -> Curation:
    return Curation(steps={step: StepSettings.model_validate(given)})


def test_records_without_a_fault_have_no_decision() -> None:
    assert _decided(_rows()) == {}
    assert curate(iter(()), Curation()) == []


def test_a_verbatim_copy_is_dropped_the_later_one_and_says_of_which() -> None:
    rows = _rows()
    copy = replace(rows[6], line=81, source=rows[6].source.upper().replace(" ", "  "))
    found = _decided([*rows, copy])
    assert found == {
        81: Decision(81, "drop", "exact_duplicate", "like line 7", ("exact_duplicate",))
    }


def test_an_edited_copy_is_dropped() -> None:
    rows = _rows()
    words = rows[6].source.split()
    words[10:13] = ["perhaps", "otherwise", "there"]
    found = _decided([*rows, replace(rows[6], line=81, source=" ".join(words))])
    assert found.keys() == {81}
    assert found[81].reason == "near_duplicate"
    assert (found[81].detail or "").startswith("like line 7, similarity 0.")


@pytest.mark.parametrize("change", ["", " Or so she said, more or less."])
def test_of_copies_in_two_splits_the_one_in_training_is_dropped(change: str) -> None:
    rows = _rows()
    rows[6] = replace(rows[6], split="train")
    copy = replace(rows[6], line=81, split="test", source=rows[6].source + change)
    assert {line: one.decision for line, one in _decided([*rows, copy]).items()} == {7: "drop"}


def test_a_copy_stays_when_what_it_is_a_copy_of_is_dropped_for_another_fault() -> None:
    rows = _rows()
    rows[6] = replace(rows[6], source=rows[6].source + "\x00")
    found = _decided([*rows, replace(rows[6], line=81, source=rows[6].source[:-1])])
    assert found[7].reason == "control_characters"
    assert (found[81].decision, found[81].findings) == ("keep", ("exact_duplicate",))


def test_a_target_of_another_record_is_dropped() -> None:
    rows = _rows()
    rows[3], rows[9] = (
        replace(rows[3], target=rows[9].target),
        replace(rows[9], target=rows[3].target),
    )
    found = _decided(rows)
    assert {line: one.reason for line, one in found.items()} == {
        4: "swapped_target",
        10: "swapped_target",
    }
    assert "terms held" in (found[4].detail or "")


def test_one_source_with_two_targets_is_flagged_on_both_sides() -> None:
    rows = _rows()
    other = "Recovered entirely; discharged home without any medicine."
    found = _decided([*rows, replace(rows[6], line=81, target=other)])
    assert "contradictory" in found[7].findings
    assert "contradictory" in found[81].findings
    assert found[7].decision == "keep"


def test_a_changed_number_is_flagged_and_quoted_nowhere() -> None:
    rows = _rows()
    target = rows[6].target or ""
    dose = target.split()[-3]
    rows[6] = replace(rows[6], target=target.replace(f"{dose} mg", "1234 mg"))
    found = _decided(rows)
    assert found[7] == Decision(
        7, "keep", None, "ungrounded: number_not_in_source 1", ("ungrounded",)
    )


@pytest.mark.parametrize(
    ("source", "target", "step"),
    [
        ("--- ...", None, "empty"),
        (None, " \n", "empty"),
        ("seen \ufffd today for a cough that began at home", None, "control_characters"),
        ("cough today", "", "too_short"),
        ("word " * 21_000, None, "too_long"),
        (None, "and so on, " * 60, "longer_than_source"),
        (
            None,
            "Die Patientin klagt seit drei Wochen über starke Schmerzen im Rücken und Schwindel.",
            "wrong_language",
        ),
    ],
)
def test_what_is_wrong_with_one_record_is_named(
    source: str | None, target: str | None, step: str
) -> None:
    rows = _rows()
    rows[6] = replace(rows[6], source=source or rows[6].source, target=target or rows[6].target)
    decision = _decided(rows)[7]
    assert step in decision.findings
    assert (decision.decision == "drop") == (CATALOGUE[decision.reason or step].action == "drop")


def test_a_sentence_of_many_targets_is_boilerplate() -> None:
    signed = " This note was dictated and not read by anybody."
    rows = [
        replace(row, target=f"{row.target}{signed}" if row.line <= 20 else row.target)
        for row in _rows()
    ]
    found = _decided(rows)
    assert {line for line, one in found.items() if "boilerplate" in one.findings} == set(
        range(1, 21)
    )


def test_a_record_without_a_target_is_no_fault() -> None:
    rows = [replace(row, target=None) for row in _rows()]
    assert _decided(rows) == {}


def test_a_recipe_turns_steps_off_moves_thresholds_and_makes_flags_of_drops() -> None:
    rows = [*_rows(), replace(_row(7), line=81)]
    assert _decided(rows, _asked("exact_duplicate", action="off")) == {}
    flagged = _decided(rows, _asked("exact_duplicate", action="flag"))
    assert flagged[81] == Decision(
        81, "keep", None, "exact_duplicate: like line 7", ("exact_duplicate",)
    )
    strict = _asked("too_short", action="drop", settings={"source_words": 10_000})
    assert {one.reason for one in _decided(_rows(), strict).values()} == {"too_short"}


def test_a_version_says_which_steps_ran() -> None:
    assert step_versions(Curation()) == {name: one.version for name, one in CATALOGUE.items()}
    assert "empty" not in step_versions(_asked("empty", action="off"))


def test_every_step_of_the_catalogue_runs_in_its_order() -> None:
    assert [step.listed for step in STEPS] == list(CATALOGUE.values())


@pytest.mark.parametrize(
    ("curation", "code", "known"),
    [
        (_asked("no_such"), "unknown_step", "near_duplicate"),
        (_asked("too_short", settings={"wards": 1}), "unknown_setting", "deviations"),
        (_asked("empty", settings={"wards": 1}), "unknown_setting", "it has none"),
    ],
)
def test_unknown_names_are_refused_with_those_that_there_are(
    curation: Curation, code: str, known: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_curation(curation)
    assert refused.value.error_code == code
    assert known in (refused.value.how_to_fix or "")
    assert "wards" not in refused.value.detail
    with pytest.raises(InvalidInput):
        curate(iter(()), curation)


def test_a_request_is_checked_without_what_the_steps_need() -> None:
    script = (
        "import sys, shared.datasets.curation.catalogue; "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'py3langid', 'sqlalchemy')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

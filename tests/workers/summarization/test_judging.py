"""What the policy of a note type does about the findings of a draft."""

from dataclasses import replace
from uuid import uuid4

import pytest

from shared.documents.ledger import Claim
from shared.note_types.policy import policy_of
from shared.note_types.shipped import NOTE_TYPES
from shared.schemas.note_types import Action, PolicyKey, Style
from workers.summarization.draft import ClaimedText
from workers.summarization.judging import judge
from workers.summarization.note import Note

TEXT = "Cough for 3 days. No fever. Prednisone 40 mg daily was started in the clinic."
WRONG = "Prednisone 60 mg daily was started in the clinic."
DRAFT = f"Cough for 3 days.\n{WRONG} No fever."


def note(style: Style = "paragraph", text: str = TEXT, **policy: Action) -> Note:
    visit = replace(NOTE_TYPES["visit"], style=style, policy={**policy_of({}), **policy})
    claim = Claim(uuid4(), uuid4(), uuid4(), "visit", "any", len(text), 1, 0, [])
    return Note(ClaimedText(claim, text, visit, remote_permitted=False))


def test_a_flagged_sentence_stays_and_its_finding_stands_where_it_says() -> None:
    judged = judge(DRAFT, note())
    assert (judged.text, judged.dropped, judged.fault) == (DRAFT, [], None)
    (issue,) = judged.sentences[1].issues
    assert issue.check == "number_not_in_source"
    assert "60" in judged.text[issue.start : issue.end] == issue.text


@pytest.mark.parametrize("key", ["number_not_in_source", "unsupported"])
def test_a_dropped_sentence_is_out_of_the_text_and_in_the_trace(key: PolicyKey) -> None:
    draft = DRAFT if key == "number_not_in_source" else DRAFT.replace(WRONG, "Sister has gout.")
    judged = judge(draft, note(**{key: "drop"}))
    assert judged.text == "Cough for 3 days. No fever."
    assert [said.text for said in judged.sentences] == ["Cough for 3 days.", "No fever."]
    (dropped,) = judged.dropped
    assert dropped.text in draft
    assert not dropped.supported
    assert 0 < dropped.support < 1 or key == "unsupported"
    for issue in dropped.issues:
        assert dropped.text[issue.start : issue.end] == issue.text
    assert judged.fault is None


def test_offsets_count_in_what_is_left() -> None:
    sentence = "Cough was reported for 3 days by the patient."
    judged = judge(f"{sentence} {sentence} {WRONG}", note())
    assert judged.text == f"{sentence} {WRONG}"
    (issue,) = judged.sentences[1].issues
    assert judged.text[issue.start : issue.end] == issue.text
    assert issue.start > len(sentence)


def test_what_repeats_a_dropped_sentence_is_no_repeat() -> None:
    right = "Amlodipine 10 mg daily was started at breakfast for blood pressure control."
    wrong = right.replace("Amlodipine", "Amiodarone")
    both = note(text=f"Seen today. {right}", drug_not_in_source="drop")
    judged = judge(f"{wrong} {right}", both)
    assert judged.text == right
    assert [each.text for each in judged.dropped] == [wrong]
    assert judge(f"{right} {right}", both).text == right


def test_the_policy_may_want_the_next_route() -> None:
    assert judge(DRAFT, note(number_not_in_source="step_down")).fault == "failed_checks"
    assert judge("No fever.", note(number_not_in_source="step_down")).fault is None


def test_nothing_left_is_not_good_enough_and_the_last_route_leaves_something() -> None:
    nothing = judge(WRONG, note(number_not_in_source="drop"))
    assert (nothing.text, nothing.fault) == ("", "failed_checks")
    last = judge(WRONG, note(number_not_in_source="drop"), is_last=True)
    assert (last.text, last.dropped) == (WRONG, [])
    assert [issue.check for issue in last.sentences[0].issues] == ["number_not_in_source"]


def test_a_draft_that_rests_on_nothing_is_not_good_enough() -> None:
    invented = "Multiple sclerosis was diagnosed years ago."
    judged = judge(invented, note(text="Seen. Ok."))
    assert (judged.text, judged.fault) == (invented, "failed_checks")
    assert judge(f"{invented} Seen and ok.", note(text="Seen. Ok.")).fault is None


def test_a_list_has_a_sentence_a_line() -> None:
    judged = judge(f"- Cough for 3 days.\n- {WRONG}\n* No fever.", note(style="list"))
    assert judged.text == f"- Cough for 3 days.\n- {WRONG}\n- No fever."
    assert [said.text for said in judged.sentences] == ["Cough for 3 days.", WRONG, "No fever."]
    (issue,) = judged.sentences[1].issues
    assert judged.text[issue.start : issue.end] == issue.text


def test_what_stands_in_another_document_of_the_pass_is_dropped() -> None:
    theirs = "Laparoscopic cholecystectomy with cholangiogram on Tuesday."
    draft = f"Cough for 3 days. {theirs}"
    assert judge(draft, note()).dropped == []
    judged = judge(draft, note(), others=[note(text=f"Seen in surgery. {theirs}").facts])
    assert judged.text == "Cough for 3 days."
    assert "other_document" in {issue.check for issue in judged.dropped[0].issues}


def test_checks_without_rules_for_the_language_are_no_pass() -> None:
    german = "Der Patient klagt über Husten und Fieber. Wir begannen eine Therapie."
    judged = judge(german, note(text=german))
    assert "negation_mismatch" in judged.not_checked
    assert "negation_mismatch" not in judge(DRAFT, note()).not_checked

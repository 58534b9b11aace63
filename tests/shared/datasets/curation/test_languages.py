from shared.datasets.curation.catalogue import WRONG_LANGUAGE
from shared.datasets.curation.languages import Languages
from shared.datasets.records import Candidate

_ENGLISH = "The patient was seen today because of a cough that has lasted for more than two weeks."
_GERMAN = "Die Patientin klagt seit mehr als drei Wochen über starke Schmerzen in ihrem Rücken."
_FRENCH = "La patiente se plaint depuis plus de trois semaines de fortes douleurs dans le dos."


def _flagged(*pairs: tuple[str, str | None]) -> dict[int, str]:
    step = Languages(WRONG_LANGUAGE.defaults)
    for line, (source, target) in enumerate(pairs, start=1):
        step.observe(Candidate(line, source, target, "visit"))
    return {flag.line: flag.detail for flag in step.flags()}


def test_a_target_is_held_to_its_own_source() -> None:
    mixed = [(_ENGLISH, _ENGLISH), (_GERMAN, _GERMAN), (_FRENCH, _FRENCH)]
    assert _flagged(*mixed, (_GERMAN, _FRENCH)) == {4: "target fr, not de"}


def test_a_source_is_held_to_a_majority_if_there_is_one() -> None:
    assert _flagged(*[(_ENGLISH, None)] * 9, (_GERMAN, None)) == {10: "source de, not en"}
    assert _flagged(*[(_ENGLISH, None)] * 3, (_GERMAN, None)) == {}


def test_what_is_too_short_to_tell_is_held_to_nothing() -> None:
    assert _flagged(("Husten seit gestern", _ENGLISH)) == {}

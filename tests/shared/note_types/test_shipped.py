import pytest

from shared.note_types.shipped import (
    LOINC,
    NOTE_TYPES,
    Code,
    NoteType,
    index_codes,
    note_type_for_code,
)


def test_the_shipped_note_types() -> None:
    assert list(NOTE_TYPES) == [
        *("discharge", "visit", "progress", "history_physical", "emergency", "consultation"),
        *("radiology", "operative", "referral", "question", "general"),
    ]
    for name, note_type in NOTE_TYPES.items():
        least, most = note_type.sentences
        assert 1 <= least <= most
        assert note_type.name == name
        assert note_type.title


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (LOINC, "18842-5", "discharge"),
        (LOINC, "34117-2", "history_physical"),
        (LOINC, "34111-5", "emergency"),
        (LOINC, "11506-3", "progress"),
        (LOINC, "11488-4", "consultation"),
        (LOINC, "18748-4", "radiology"),
        (LOINC, "11504-8", "operative"),
        (LOINC, "57133-1", "referral"),
        ("urn:oid:2.16.840.1.113883.6.1", "18842-5", "discharge"),
        ("http://snomed.info/sct", "18842-5", None),
        (None, "18842-5", None),
        (LOINC, "0-0", None),
    ],
)
def test_a_code_stands_for_a_note_type(system: str | None, code: str, name: str | None) -> None:
    assert note_type_for_code(system, code) == name


def test_every_code_is_claimed_once() -> None:
    claimed = [code for note_type in NOTE_TYPES.values() for code in note_type.codes]
    assert len(claimed) == len(set(claimed))


def test_every_loinc_code_has_its_check_digit() -> None:
    for note_type in NOTE_TYPES.values():
        for _, code in note_type.codes:
            if code.startswith("LP"):  # a LOINC part, checked in another way
                continue
            digits, _, check = code.partition("-")
            doubled = [
                sum(divmod(int(digit) * (2 - place % 2), 10))
                for place, digit in enumerate(reversed(digits))
            ]
            assert -sum(doubled) % 10 == int(check), code


def test_of_two_claims_the_first_holds() -> None:
    code = Code(LOINC, "1-8")
    first, second = (NoteType(name, name, (code,), (1, 2)) for name in ("first", "second"))
    assert index_codes([first, second]) == {code: "first"}

import re
from datetime import date
from random import Random

import pytest

from shared.datasets.augmentation.facts import Pair
from shared.datasets.augmentation.surrogate_names import EPONYMS, SURROGATES
from shared.datasets.augmentation.surrogates import replace_identities
from shared.datasets.records import Candidate
from shared.text.drugs import drugs
from shared.text.problems import problems


def replaced(source: str, target: str | None = None, seed: int = 1) -> Pair | None:
    return replace_identities(Candidate(1, source, target, "visit"), Random(seed))


def test_names_are_replaced_throughout_and_fit_their_sex() -> None:
    new = replaced(
        "Mrs. Martha Keller saw Dr. Brandt. Keller's cough is better, says martha.",
        "Ms. Keller has a cough.",
    )
    assert new is not None
    source = re.fullmatch(
        r"Mrs\. (\w+) (\w+) saw Dr\. (\w+)\. (\w+)'s cough is better, says (\w+)\.", new[0]
    )
    assert source is not None
    assert source[1] in SURROGATES["female"]
    assert source[1] != "Martha"
    assert source[5] == source[1].lower()
    assert {source[2], source[3]} <= set(SURROGATES["family"])
    assert source[2] == source[4] != source[3]
    assert new[1] == f"Ms. {source[2]} has a cough."


@pytest.mark.parametrize(
    "source",
    [
        "Dr. Foley was consulted.",
        "Dr. Keller removed the Keller drain.",
        "Mr. White is a white man.",
        "Dr. X was consulted about Mr. ABCD.",
        "Dr. Keller Neurology was called.",
        "Parkinson disease and Crohn's disease.",
        "Seen at St. Keller, as Mr. Keller wished.",
    ],
)
def test_what_may_be_no_name_stays(source: str) -> None:
    assert replaced(source) is None


def test_surrogates_are_names_alone() -> None:
    for names in SURROGATES.values():
        assert len(set(names)) == len(names)
        for name in names:
            assert name.lower() not in EPONYMS
            assert not list(drugs(name))
            assert not list(problems(name))


def test_all_dates_of_a_record_move_by_the_same_days_as_they_are_written() -> None:
    new = replaced(
        "Born 02/28/1960, aged 61. Seen on March 5th, 2021 and 2021-03-12, again 3/19/21.",
        "Seen 5 Mar 2021.",
    )
    assert new is not None
    assert new[1] is not None
    born, seen, again, last = re.fullmatch(
        r"Born (\d\d/\d\d/\d{4}), aged 61\. Seen on (\w+ \d+(?:st|nd|rd|th), \d{4}) and ([\d-]+), "
        r"again (\d+/\d+/\d\d)\.",
        new[0],
    ).groups()  # type: ignore[union-attr]
    second = date.fromisoformat(again)
    apart = (second - date(2021, 3, 12)).days
    assert 1 <= abs(apart) <= 365
    first = date.fromordinal(date(2021, 3, 5).toordinal() + apart)
    assert f"{first:%B} {first.day}" == re.sub(r"(?<=\d)(st|nd|rd|th), \d+", "", seen)
    assert new[1] == f"Seen {first.day} {first:%b} {first.year}."
    birth = date.fromordinal(date(1960, 2, 28).toordinal() + apart)
    assert born == f"{birth:%m/%d/%Y}"
    end = date.fromordinal(date(2021, 3, 19).toordinal() + apart)
    assert last == f"{end.month}/{end.day}/{end:%y}"


@pytest.mark.parametrize(
    "beside",
    [
        "on Monday",
        "last summer",
        "yesterday",
        "in 2019",
        "in May",
        "since 3/4",
        "on the 7th",
        "on 31/12/2020",
        "in 01/2020",
        "on May 3",
    ],
)
def test_dates_stay_beside_what_is_tied_to_them(beside: str) -> None:
    assert replaced(f"Seen on 03/05/2021, then {beside}.") is None
    assert replaced("Seen on 03/05/2021.", f"Seen {beside}.") is None


def test_what_looks_like_a_date_and_is_none_ties_nothing() -> None:
    new = replaced("Seen on 03/05/2021 with a 2/6 murmur, BP 120/80, pain 5/10.")
    assert new is not None
    assert new[0].endswith(" with a 2/6 murmur, BP 120/80, pain 5/10.")

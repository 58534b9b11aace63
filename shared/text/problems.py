"""Problems, symptoms and procedures named in a text, and what else may stand for them."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.text.clinical_abbreviations import clinical_abbreviations
from shared.text.spans import Span
from shared.text.words import stem, word_set

_NAMES = Path(__file__).with_name("problems.toml")
_WORD = re.compile(r"[^\W\d_]+")
_BUILT = re.compile(
    r"(?:hyper|hypo|poly|hemi|dys|osteo|leuk[eo]|thromb[eo]|hem[ao])?(?P<root>[a-z]*?)"
    r"(?:itis|osis|emia|aemia|oma|omas|opathy|opathies|ectomy|ectomies|ostomy|otomy|plasty|plasties"
    r"|scopy|scopies|algia|plegia|paresis|megaly|penia|cele|iasis|ptysis|pexy|centesis|ectasis"
    r"|cytosis|rrhagia|rrhea)"
)
_NOT_BUILT = word_set(
    "diagnosis diagnoses prognosis anastomosis aponeurosis microscopy aroma coma diploma stoma "
    "stroma glaucomas hypnosis osmosis mitosis meiosis symbiosis oklahoma tacoma roma endoscopy "
    "fluoroscopy apheresis oasis basis emphasis phlebotomy pathy dichotomy anatomy"
)
_SHORTEST_ROOT = 4
_SAME_ROOT = 5
"""Letters in which a word of the source has to agree with the root."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mention, and what of a source acquits it: any of `others`, all stems of it together.

    `root` is what the word is built on, for `cholecystectomy` `cholecyst`; empty where unknown.
    """

    span: Span
    others: tuple[frozenset[str], ...]
    root: str


Names = Mapping[str, list[tuple[tuple[str, ...], tuple[frozenset[str], ...]]]]


def problems(text: str) -> Iterator[Problem]:
    """All that are clearly one, in order; of names that overlap the longest."""
    found = [(match, stem(match.group().lower())) for match in _WORD.finditer(text)]
    past = 0
    for place, (match, first) in enumerate(found):
        if place < past:
            continue
        for name, others in _names().get(first, ()):
            if tuple(said for _, said in found[place : place + len(name)]) == name:
                past = place + len(name)
                yield Problem(Span(match.start(), found[past - 1][0].end()), others, "")
                break
        else:
            if root := _root(match.group().lower()):
                yield Problem(Span(*match.span()), (frozenset([first]),), root[:_SAME_ROOT])


def _root(word: str) -> str | None:
    built = _BUILT.fullmatch(word) if word not in _NOT_BUILT else None
    return built["root"] if built and len(built["root"]) >= _SHORTEST_ROOT else None


@lru_cache(maxsize=1)
def _names() -> Names:
    """By its first stem each name, the longest first, with all that may stand for it."""
    names: dict[str, list[tuple[tuple[str, ...], tuple[frozenset[str], ...]]]] = defaultdict(list)
    short = defaultdict(list)
    for abbreviation, expansion in clinical_abbreviations().items():
        short[_stems(expansion)].append(_stems(abbreviation))
    for line in tomllib.loads(_NAMES.read_text(encoding="utf-8"))["names"].strip().splitlines():
        looked_for, _, only = line.partition("|")
        sought = [_stems(name) for name in looked_for.split(",")]
        abbreviated = [brief for name in sought for brief in short[name]]
        acquits = [*sought, *abbreviated, *(_stems(name) for name in only.split(",") if name)]
        others = tuple(frozenset(name) for name in acquits)
        for name in (*sought, *abbreviated):
            names[name[0]].append((name, others))
    for known in names.values():
        known.sort(key=lambda entry: -len(entry[0]))
    return names


def _stems(name: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in _WORD.findall(name.lower()))

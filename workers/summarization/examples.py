"""The examples that a document's prompt shows: like it, and none of it.

Never the document itself or its near copy, never one of the same patient; `shared/prompts/examples`
says from which rows at all.
"""

import random
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from shared.datasets.similarity.minhash import signature
from shared.datasets.splits.leakage import ALIKE
from shared.documents.ledger import Claim
from shared.prompts.examples import read_shown, read_sources
from shared.prompts.prompt import Prompt
from shared.prompts.render import Shown
from shared.text.bm25 import BM25
from shared.text.terms import stems
from shared.vault import TenantVault

_MOST = 4
"""Dataset versions whose index is kept."""
_AHEAD = 4
"""So many more than wanted are looked at, since copies are passed over."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An example and the line that it stands on."""

    line: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class _Index:
    """Of a dataset version; the rows of all three in the same order. Holds no text."""

    lines: list[int]
    groups: list[bytes | None]
    texts: BM25


class Examples:
    def __init__(self) -> None:
        self._indexes: OrderedDict[UUID, _Index] = OrderedDict()

    def choose(
        self, session: Session, vault: TenantVault, prompt: Prompt, claim: Claim, text: str
    ) -> tuple[Chosen, ...]:
        """As many as the prompt asks for and there are, the nearest first.

        Needs a transaction of the vault's tenant.
        """
        asked, version = prompt.content.examples, prompt.examples
        if asked is None or version is None:
            return ()
        index = self._index(session, vault, version)
        places = iter(_order(index, asked.choice, text))
        chosen: list[Chosen] = []
        while len(chosen) < asked.count and (page := _page(index, places, claim, asked.count)):
            found = read_shown(session, vault, version, page)
            chosen += [
                Chosen(line, found[line])
                for line in page
                if line in found and not _is_copy(text, found[line].source)
            ]
        return tuple(chosen[: asked.count])

    def _index(self, session: Session, vault: TenantVault, version: UUID) -> _Index:
        """A version is fixed, but for erasures, which `read_shown` sees."""
        if version not in self._indexes:
            self._indexes[version] = _read(session, vault, version)
        self._indexes.move_to_end(version)
        while len(self._indexes) > _MOST:
            self._indexes.popitem(last=False)
        return self._indexes[version]


def _read(session: Session, vault: TenantVault, version: UUID) -> _Index:
    lines: list[int] = []
    groups: list[bytes | None] = []

    def terms() -> Iterator[list[str]]:
        for source in read_sources(session, vault, version):
            lines.append(source.line)
            groups.append(source.group)
            yield stems(source.text)

    texts = BM25(terms())
    return _Index(lines, groups, texts)


def _order(index: _Index, choice: str, text: str) -> Iterable[int]:
    places = range(len(index.lines))
    if choice == "nearest":
        ranked = index.texts.ranked(stems(text))
        near = set(ranked)
        return [*ranked, *(place for place in places if place not in near)]
    # By chance, and for the same text the same, or a prompt could not be made again.
    return random.Random(text).sample(places, len(places))  # noqa: S311


def _page(index: _Index, places: Iterator[int], claim: Claim, count: int) -> list[int]:
    """The lines that are looked at next."""
    page: list[int] = []
    for place in places:
        group = index.groups[place]
        if group is None or group != claim.subject_mac:
            page.append(index.lines[place])
        if len(page) == count + _AHEAD:
            break
    return page


def _is_copy(text: str, source: str) -> bool:
    return bool((signature(text) == signature(source)).mean() >= ALIKE)

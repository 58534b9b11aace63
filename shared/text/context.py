"""What a sentence affirms and what it denies, word by word.

A NegEx reader: the cues, and what ends their scopes, are in `negation_cues`. A scope is cut into
its items (`no fever, chills or cough` has three), for each can be right or wrong by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.text.negation_cues import (
    ASSERTING,
    BACKWARD,
    FORWARD,
    LEADING,
    LEANING,
    LISTING,
    MARKS,
    NARROW,
    PLACING,
    PSEUDO,
    RESUMING,
    SPEAKING,
    TERMINATORS,
    phrase_at,
)
from shared.text.spans import Span
from shared.text.tokens import Token, is_not, term_of, tokens

_LONGEST_SCOPE = 40
_LONGEST_ITEM = 12
_BARE_ITEM = 3
_CUES = frozenset([*PSEUDO, *BACKWARD, *FORWARD])
_JOINTS = frozenset([",", "and", "or", "nor"])


@dataclass(frozen=True, slots=True)
class Item:
    """What is affirmed or denied at once: the stems of its words, where they stand, its cue.

    The first `heads` of the stems say what, the others where and when: `numbness in the left arm`.
    """

    terms: tuple[str, ...]
    span: Span
    heads: int
    cue: Span | None = None

    @property
    def denied(self) -> bool:
        return self.cue is not None

    @property
    def head(self) -> str:
        """What the others say more of: the last word of what it says."""
        return self.terms[self.heads - 1]


@dataclass(frozen=True, slots=True)
class Reading:
    """The items of a sentence, and the stems that stand affirmed and denied; one may be both."""

    items: tuple[Item, ...]
    affirmed: frozenset[str]
    denied: frozenset[str]

    @classmethod
    def of(cls, items: Iterable[Item]) -> "Reading":
        """The reading that these items make."""
        kept = tuple(items)
        affirmed = frozenset(term for item in kept if not item.denied for term in item.terms)
        denied = frozenset(term for item in kept if item.denied for term in item.terms)
        return cls(kept, affirmed, denied)

    def answered_no(self) -> "Reading":
        """The reading of a question, once it is answered by no."""
        return Reading.of(replace(item, cue=item.cue or item.span) for item in self.items)


def read_context(text: str, start: int = 0, end: int | None = None) -> Reading:
    """Reads `text[start:end]`, one sentence of English. Offsets are those of `text`."""
    return read_tokens(tokens(text, start, end))


def read_tokens(read: Sequence[Token]) -> Reading:
    """The same for a sentence that is in tokens already."""
    return _Reader(read).reading()


class _Reader:
    """One pass over the tokens of a sentence."""

    def __init__(self, read: Sequence[Token]) -> None:
        self._read = read
        self._cue: list[Span | None] = [None] * len(read)
        self._is_cue = [False] * len(read)

    def reading(self) -> Reading:
        place = 0
        while place < len(self._read):
            word = self._read[place].word
            place += (self._cue_at(place) if word in _CUES or is_not(word) else 0) or 1
        return Reading.of(self._items())

    def _items(self) -> Iterator[Item]:
        """Cut where a list goes on, a clause ends, or another cue reigns."""
        said: list[tuple[str, Token]] = []
        heads = 0
        reign: Span | None = None
        for place, token in enumerate(self._read):
            cuts = token.word in _JOINTS or token.word in MARKS or token.word in TERMINATORS
            if said and (cuts or self._is_cue[place] or self._cue[place] != reign):
                yield _item(said, heads, reign)
                said, heads = [], 0
            if token.word in PLACING:
                heads = heads or len(said)
            reign = self._cue[place]
            term = None if cuts or self._is_cue[place] else term_of(token.word)
            if term:
                said.append((term, token))
        if said:
            yield _item(said, heads, reign)

    def _cue_at(self, place: int) -> int:
        """Reads the cue at a place with its scope; how many tokens the cue has."""
        pseudo = phrase_at(self._read, place, PSEUDO)
        if pseudo:
            self._is_cue[place : place + pseudo] = [True] * pseudo
            return pseudo
        backward = phrase_at(self._read, place, BACKWARD)
        if backward and self._ends(place + backward):
            first = self._clause_start(place)
            if self._has_term(first, place):
                self._deny(first, place, place, place + backward)
                return backward
        forward = phrase_at(self._read, place, FORWARD) or int(is_not(self._read[place].word))
        if forward:
            start = place + forward
            self._deny(start, self._scope_end(place, start), place, start)
        return forward

    def _ends(self, place: int) -> bool:
        """Whether a clause is over here, so that a cue before it looks back."""
        read = self._read
        if place >= len(read) or read[place].word in MARKS or read[place].word in TERMINATORS:
            return True
        return read[place].word in (",", "and", "in", "on", "at", "by", "today")

    def _clause_start(self, place: int) -> int:
        """Back over a list to the mark or word that ends the clause before."""
        first = place
        while first > 0 and place - first < _LONGEST_SCOPE:
            word = self._read[first - 1].word
            if (word in MARKS and word != ":") or word in TERMINATORS or self._is_cue[first - 1]:
                break
            if word in ",and" and first < place and self._read[first].word in RESUMING:
                break
            first -= 1
        return first

    def _has_term(self, first: int, last: int) -> bool:
        return any(term_of(token.word) for token in self._read[first:last])

    def _scope_end(self, cue: int, start: int) -> int:
        read = self._read
        if read[cue].word in NARROW:
            return min(start + 1, len(read))
        lists = read[cue].word in LISTING
        place, has_or, since = start, False, 0
        while place < len(read) and place - start < _LONGEST_SCOPE:
            word = read[place].word
            if word in MARKS or (word in TERMINATORS and place > start):
                break
            if place > start and (self._opens_clause(place) or self._speaks_on(place)):
                break
            has_or = has_or or word in ("or", "nor")
            since = 0 if word in _JOINTS else since + 1
            if since > _LONGEST_ITEM:
                break
            if word == "," and not (lists or has_or or self._list_goes_on(place)):
                break
            place += 1
        return place

    def _speaks_on(self, place: int) -> bool:
        """`no fever i'm`: talk goes on without a mark."""
        read = self._read
        return read[place].word in SPEAKING and read[place - 1].word not in LEADING

    def _opens_clause(self, place: int) -> bool:
        """`, is`, `and she`, `, no`: what follows a joint is no further item."""
        if self._read[place].word not in (",", "and", "or") or place + 1 >= len(self._read):
            return False
        next_place, has_or = place + 1, self._read[place].word == "or"
        if self._read[next_place].word in ("and", "or", "then") and place + 2 < len(self._read):
            next_place = place + 2
        following = self._read[next_place].word
        denies = phrase_at(self._read, next_place, FORWARD) or is_not(following)
        resumes = following in RESUMING and not (has_or and following in LEANING)
        return resumes or bool(denies)

    def _list_goes_on(self, comma: int) -> bool:
        """Whether a comma stands in a list all of which is denied: it has an `or`, or is bare."""
        length = longest = 0
        for token in self._read[comma + 1 : comma + _LONGEST_SCOPE]:
            if token.word in ("or", "nor"):
                return True
            if token.word in MARKS or token.word in TERMINATORS:
                break
            if token.word in RESUMING or token.word in ASSERTING:
                return False
            length = 0 if token.word == "," else length + 1
            longest = max(longest, length)
        return longest <= _BARE_ITEM

    def _deny(self, first: int, last: int, cue_first: int, cue_last: int) -> None:
        read = self._read
        cue = Span(read[cue_first].start, read[cue_last - 1].end)
        self._is_cue[cue_first:cue_last] = [True] * (cue_last - cue_first)
        self._cue[first:last] = [cue] * (last - first)


def _item(said: Sequence[tuple[str, Token]], heads: int, cue: Span | None) -> Item:
    span = Span(said[0][1].start, said[-1][1].end)
    return Item(tuple(term for term, _ in said), span, heads or len(said), cue)

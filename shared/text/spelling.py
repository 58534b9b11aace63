"""Whether two words are one word spelled twice."""

_LETTERS_PER_SLIP = 4
_MOST_SLIPS = 2


def is_misspelling(word: str, other: str) -> bool:
    """Whether they begin alike and differ by a slip per four letters, of which two at most.

    A slip is a letter left out, put in, exchanged, or two letters in each other's place
    (Damerau 1964, restricted edits).
    """
    slips = min(_MOST_SLIPS, min(len(word), len(other)) // _LETTERS_PER_SLIP)
    if word[:1] != other[:1] or abs(len(word) - len(other)) > slips:
        return False
    return _distance(word, other) <= slips


def _distance(word: str, other: str) -> int:
    before: list[int] = []
    last = list(range(len(other) + 1))
    for place, letter in enumerate(word, start=1):
        row = [place]
        for at, against in enumerate(other, start=1):
            cost = min(last[at] + 1, row[-1] + 1, last[at - 1] + (letter != against))
            swapped = (
                place > 1 and at > 1 and letter == other[at - 2] and word[place - 2] == against
            )
            row.append(min(cost, before[at - 2] + 1) if swapped else cost)
        before, last = last, row
    return last[-1]

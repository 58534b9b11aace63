"""How many tokens a model would make of a text, without its tokenizer.

A byte-pair vocabulary of about 50,000, as GPT-2, BART and SmolLM2 have, gives a word a token, a
long word more, and a digit or a mark one of its own. The weights are a least-squares fit to
SmolLM2's tokenizer on English notes, dialogues and summaries: of half of these texts it is within
5 %, of 95 of 100 within 19 %. Other scripts take more tokens than this says.
"""

import re

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_MARK = re.compile(r"[^\w\s]|_")
_OF_WORD, _OF_DIGIT, _OF_MARK, _OF_LETTER_BEYOND = 0.97, 1.27, 1.39, 0.19
_ONE_PIECE = 6
"""Letters that a common word has at most."""


def estimate_tokens(text: str) -> int:
    """At least one for a text that is not empty."""
    lengths = [len(word) for word in _LETTERS.findall(text)]
    beyond = sum(length - _ONE_PIECE for length in lengths if length > _ONE_PIECE)
    estimate = (
        _OF_WORD * len(lengths)
        + _OF_DIGIT * len(_DIGIT.findall(text))
        + _OF_MARK * len(_MARK.findall(text))
        + _OF_LETTER_BEYOND * beyond
    )
    return max(round(estimate), 1 if text else 0)

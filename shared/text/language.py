"""Which language a text is written in.

The detector is py3langid's naive Bayes over byte n-grams (Lui and Baldwin 2012, "langid.py"), held
to the languages that health records are written in. Offline and deterministic.
"""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from shared.text.words import word_set

_LANGUAGES = word_set(
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is "
    "it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms mt my ne nl nn no pa pl ps pt ro ru si sk sl "
    "so sq sr sv sw ta te tg th tk tl tr uk ur uz vi xh zh zu"
)
_NO_LANGUAGE = frozenset(("la", "zxx"))
"""Latin and "no linguistic content": lists of diagnoses, drugs and figures look like these."""
_READ_CHARACTERS = 4_000
_SURE = 0.8
"""Below it a text is a list or a telegram as often as it is the language that was guessed."""


def detect(text: str) -> str | None:
    """The language of a text (ISO 639-1); None where there is too little to go by.

    Reads the first 4,000 characters: below a millisecond, but for half a second at the first call.
    """
    language, confidence = _identifier().classify(text[:_READ_CHARACTERS])
    return str(language) if confidence >= _SURE and language not in _NO_LANGUAGE else None


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES | _NO_LANGUAGE)
    return identifier

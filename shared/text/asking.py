"""What a letter asks: the sentence with the question in it, and the topic where it names none."""

import re

from shared.text.dialogue import is_question
from shared.text.extractive import joined
from shared.text.ranking import centrality, vectors
from shared.text.sentences import sentence_spans
from shared.text.spans import Span, stripped
from shared.text.words import content_words, stem, word_set

_SUBJECT = re.compile(
    r"(?:subject|re|topic|betreff|objet|asunto|oggetto|onderwerp)[ \t]*:[ \t]*", re.IGNORECASE
)
_BODY = re.compile(r"(?:message|question|body)[ \t]*:[ \t]*", re.IGNORECASE)
_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|greetings|good (?:day|morning|afternoon|evening)|bonjour|hola|hallo|"
    r"guten tag|ciao|\u4f60\u597d|\u60a8\u597d)\b(?:[^,.!?\n\u3002]{0,30}[,.!\u3002]+|(?=\s))\s*",
    re.IGNORECASE,
)
_CONNECTIVES = re.compile(
    r"(?:(?:and|so|but|also|well|now|then|please|thanks?)\b[ ,:.-]*){1,4}", re.IGNORECASE
)
_COURTESY = re.compile(
    r".{0,80}?\b(?:tell me|know|question is|wondering|wonder|asking|ask|advise(?: me)?|"
    r"find out)[ ,:]{1,3}(?:please )?"
    r"(?=(?:what|where|when|why|who|which|how|is there|are there|does|can)\b)",
    re.IGNORECASE,
)
_NOT = re.compile(r"n['\u2019]t\b|\bnot\b|\bnever\b|\bno\b", re.IGNORECASE)
_WISHES = re.compile(
    r"\b(?:what|where|when|why|who|which|how|is there|are there|is it|can i|can you|could you|"
    r"does|do you|should i|will|(?:like|want|need) to know|wonder\w*|looking for|information|"
    r"interested in|advi[cs]e|learn)\b",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"clinicaltrials|general information|^(?:question|information|help|inquiry|none|subject)\b|"
    r"\bsent from|\bawaiting|hope to hear|\bmy name is|^(?:best )?regards|^sincerely",
    re.IGNORECASE,
)
"""The words of web forms and the formalities of letters."""
_GENERIC = frozenset(
    stem(word)
    for word in word_set(
        "advice advise answer answers appreciate appreciated best dear find get give good hello "
        "help hi information idea know like look looking me name need please possible problem "
        "question questions recommend reply regards remedy remedies send sincerely solution "
        "someone something suggest suggestion tell thank thanks time want wonder anyone anything"
    )
)
"""Said in every letter, whatever it asks."""
_QUESTION, _WISH = 1.8, 1.5
_CENTRALITY = 2.0
_BARE_CALL = 0.2
"""`Any help?`, `Thank you.`: nothing is asked there."""
_LEAST_TERMS = 2
_LENGTH = 40.0
"""Words that halve the weight of a sentence: one that tells a story before it asks is too long."""
_TOPIC_WORDS = 12
_STOPS = ".,;:!\u3002"


def asking_spans(text: str) -> list[Span]:
    """The sentence that asks most to the point, after the topic where it does not name it.

    Without greeting and courtesies; of a text that asks nothing, its most central sentence. Empty
    only for a text of nothing but white space.
    """
    sentences = [bare for span in sentence_spans(text) if (bare := _bare(text, span))]
    if not sentences:
        return sentence_spans(text)[:1]
    said = [span.of(text) for span in sentences]
    terms = [
        [term for term in content_words(sentence) if term not in _GENERIC] for sentence in said
    ]
    scores = [
        _weight(sentence, len(words)) * (1 + _CENTRALITY * near)
        for sentence, words, near in zip(said, terms, centrality(vectors(terms)), strict=True)
    ]
    best = max(range(len(scores)), key=scores.__getitem__)
    names_topic = best == 0 or set(terms[0]) & set(terms[best])
    if names_topic or not _is_topic(text, sentences[0]):
        return [sentences[best]]
    return [sentences[0], sentences[best]]


def asked(text: str) -> str:
    """What `asking_spans` finds, as one sentence: `Gabapentin: how long does it keep?`."""
    *topic, question = asking_spans(text) or [Span(0, 0)]
    said = joined(text, [question])
    return f"{topic[0].of(text).rstrip(_STOPS)}: {said}" if topic else said


def _bare(text: str, span: Span) -> Span | None:
    """Without label, greeting and courtesy; None where nothing is left."""
    for opening in (_SUBJECT, _BODY, _GREETING, _CONNECTIVES, _COURTESY):
        match = opening.match(text, span.start, span.end)
        if match and not (opening is _COURTESY and _NOT.search(match.group())):
            span = stripped(text, match.end(), span.end)
    return span if span.end > span.start else None


def _weight(said: str, terms: int) -> float:
    weight = _QUESTION if is_question(said) else _WISH if _WISHES.search(said) else 1.0
    if terms < _LEAST_TERMS or _FORM.search(said):
        weight *= _BARE_CALL
    return weight / (1 + len(said.split()) / _LENGTH)


def _is_topic(text: str, first: Span) -> bool:
    """A subject line, or a few words that stand where one would."""
    said = first.of(text)
    return (
        bool(content_words(said))
        and len(said.split()) <= _TOPIC_WORDS
        and not is_question(said)
        and not _FORM.search(said)
    )

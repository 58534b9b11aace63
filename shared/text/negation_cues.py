"""English words that negate, and those that only look so.

After NegEx (Chapman et al., J Biomed Inform 34, 2001) and ConText (Harkema et al., J Biomed Inform
42, 2009), whose lists are of phrases before and after a finding, of pseudo-negations and of words
that end a scope.
"""

from collections.abc import Mapping, Sequence

from shared.text.tokens import Token
from shared.text.words import word_set

Phrases = Mapping[str, Sequence[tuple[str, ...]]]


def phrases(*lines: str) -> Phrases:
    """Phrases divided by `|`, by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    said = [tuple(phrase.split()) for phrase in "|".join(lines).split("|")]
    for phrase in sorted(said, key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return found


def phrase_at(read: Sequence[Token], place: int, known: Phrases) -> int:
    """How many tokens the longest phrase at this place has; 0 where there is none."""
    for phrase in known.get(read[place].word, ()):
        if len(phrase) == 1:
            return 1
        following = read[place : place + len(phrase)]
        if phrase == tuple(token.word for token in following):
            return len(phrase)
    return 0


PSEUDO = phrases(
    "not only|not just|not merely|not necessarily|no necessarily|not to mention|not sure",
    "not certain|no doubt",
    "whether or not|or not|if not|why not|not uncommon|not uncommonly|not infrequently|no wonder",
    "cannot rule out|can't rule out|could not rule out|not rule out|not ruled out|not be ruled out",
    "cannot be ruled out|cannot exclude|cannot be excluded|not excluded|not be excluded",
    "being no pain|no problem|no problems with that|no worries|no ma'am|no sir|not bad|not too bad",
    "without fail",
)
"""Nothing is denied, or what is denied is denied again."""

FORWARD = phrases(
    "no|not|never|without|nor|neither|none|nothing|nobody|non|cannot|negative|negative for",
    "negatives for|no evidence of|no sign of|no signs of|without evidence of|no complaints of",
    "denies|deny|denied|denying|denial of|lack of|lacks|lacked|lacking|absence of|absent|free of",
    "free from|clear of|unable to|inability to|fails to|failed to|failure to|ruled out for",
    "rather than|instead of|rules out|ruled out|i wish|wish i|wishes",
)

PLACING = word_set("in on at during when while since over")
"""What follows them in an item says where or when, and is not itself affirmed or denied."""

LISTING = word_set("denies deny denied denying negative negatives")
"""Their scope goes on after a comma."""

NARROW = word_set("non")
"""Their scope is one word."""

BACKWARD = phrases(
    "is negative|was negative|are negative|were negative|negative|is absent|was absent|are absent",
    "were absent|absent|is denied|was denied|are denied|were denied|been denied|are all denied",
    "ruled out|excluded|unlikely|none|no|never|no longer present|not seen|not identified",
    "not found|not noted|not present",
    "not appreciated|not visualized|not demonstrated|not evident|not detected|not observed|denied",
    "not palpable|not palpated|not indicated|not felt|not reported|free",
)
"""What stands before them is denied, where the clause ends with them."""

TERMINATORS = word_set(
    "but except although however though yet despite because since therefore presents presenting "
    "presented who which whom while whereas apart aside besides nevertheless only until otherwise "
    "secondary due"
)

MARKS = frozenset(".;:?!()[]")

SPEAKING = word_set(
    "i i'm i've i'll i'd we we're you're he's she's it's they're that's there's let's"
)
"""In talk without marks they begin a clause of their own, unless a word of `LEADING` is before."""

LEADING = word_set(
    "think believe feel know say said mean recall remember noticed that if when while as what "
    "where how than like because since sure guess any anything do did was were am have had can "
    "could"
)
"""They lead to a clause that is denied with them: `i don't think i've had any`."""

RESUMING = word_set(
    "he she they it i we you the his her their my your our this that there is are was were has "
    "have had does did do will would should can may reports reported admits "
    "endorses notes noted states stated complains takes taking uses positive mild "
    "moderate severe remains continues then also so now "
    "came comes went going presents underwent"
)
"""After a comma or `and`, they begin a clause of its own."""

LEANING = word_set("do have take takes taking uses had")
"""After an `or` they go on with what is denied: `don't drink or do drugs`."""

ASSERTING = word_set(
    "clear normal intact regular soft stable good well supple symmetric equal benign unremarkable "
    "reactive alert oriented improved improving worse better status left right only age aged year "
    "for"
)
"""An item after a comma that holds one of them says something by itself."""

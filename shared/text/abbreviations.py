"""Whether a full stop ends a sentence or an abbreviation."""

import re

from shared.text.words import word_set

_BEFORE_A_NAME = word_set(
    "approx ca capt cf col dr e.g eg fig figs gen hon i.e ie jr lt messrs mr mrs ms mt prof "
    "resp rev sgt sr st viz vs"
)
"""What follows belongs to them, whatever its case."""

_BEFORE_A_NUMBER = word_set("art ch eq grav no nos nr p para pp ref sec tel vol")

_INSIDE = word_set(
    "abd abnl ac ad adm admin admt al amb amt ant appt assoc aug ave avg bid bilat cap caps "
    "cc cm cms cmt cont cu dec dept dev diff disc disch dist div dx est etc eval exam ext "
    "feb fl ft fx g gm gms gr grp gt gtt gtts hosp hr hrs hs ht hx i.m i.v im in inc incl "
    "inf inj int iv jan jul jun kg km l lab lat lb lbs liq lt max mcg med meds meq mg mgs "
    "mi min mins misc ml mm mo mod mol mon mos neg neuro neut norm nov obs occ oct op ophth "
    "orig oz p.m para path pc ped peds perf phys po pos post postop pre preop prep prev prn "
    "prob prox pt pts qd qh qhs qid rad rec ref reg rehab rep rt rx sat sec sep sept sig "
    "sol soln sq stat subq sup supp surg susp sx sys tab tabs tbsp temp tid trans tsp tx "
    "undet univ unk unspec vol wk wks wt yd yr yrs"
)
"""They may end a sentence: it goes on where a small letter or a number follows."""

_PATIENT = word_set("pt pts")

_STARTERS = word_set(
    "a after all an and as at because both but by during each for from he her his how if in "
    "it its no on our patient she since that the their there these they this those to was "
    "we what when while will with you your"
)
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_CODE = re.compile(r"[A-Z]{2,4}\b(?!-)")


def ends_sentence(preceding: str, word: str, following: str) -> bool:
    """Whether the stop after `word` ends a sentence that `following` does not belong to.

    Args:
        preceding: the word before `word`, or nothing.
        word: the word that the stop stands at, without the stop; may hold stops (`b.i.d`).
        following: the next word of the block.
    """
    key = word.lower()
    small = following[:1].islower()
    if key in _BEFORE_A_NAME and (not word.isupper() or following.isupper()):
        return False
    if key in _PATIENT and word.istitle():
        return False
    if key in _BEFORE_A_NUMBER and following[:1].isdigit():
        return False
    if len(word) == 1 and word.isupper():
        return not small and not _is_initial(preceding, following)
    if key in _INSIDE or _DOTTED.fullmatch(word):
        return not (small or following[:1].isdigit() or _CODE.match(following))
    return True


def _is_initial(preceding: str, following: str) -> bool:
    """`John J. Smith`, `Dr. J. Smith`, but not `vitamin K. She`, `saw Dr. X. He`."""
    named = not preceding or preceding[:1].isupper()
    return named and following[:1].isupper() and following.lower().strip(",;:") not in _STARTERS

"""Whether a full stop ends a sentence or an abbreviation."""

import re

_BEFORE_A_NAME = frozenset(
    "al approx ca capt cf col dr e.g eg fig figs gen hon i.e ie jr lt messrs mr mrs ms mt prof pt pts "
    "resp rev sgt sr st viz vs".split()
)
"""What follows belongs to them, whatever its case."""

_BEFORE_A_NUMBER = frozenset("art ch eq grav no nos nr para p pp ref sec tel vol".split())

_INSIDE = frozenset(
    "abd abnl ac ad admin admt adm amb amt ant appt assoc aug ave avg bid bilat caps cap cc cm cms "
    "cmt cont cu dec dept dev diff disc disch dist div dx est etc eval exam ext feb fl ft fx g gm gms "
    "gr grp gt gtt gtts hosp hr hrs hs ht hx i.m i.v im in inc incl inf inj int iv jan jul jun kg km "
    "l lab lat lb lbs liq lt max mcg med meds meq mg mgs mi min mins misc ml mm mo mod mol mon mos neg "
    "neuro neut norm nov obs occ oct op orig ophth oz p.m para path pc ped peds perf phys po pos post "
    "postop pre preop prep prev prn prob prox qd qh qhs qid rad rec ref reg rehab rep rt rx sat sec "
    "sep sept sig sol soln sq stat subq sup supp surg susp sx sys tab tabs tbsp temp tid trans tsp tx "
    "undet unk unspec univ vol wk wks wt yd yr yrs".split()
)
"""They may end a sentence: it goes on where a small letter or a number follows."""

_STARTERS = frozenset(
    "a after all an and as at because both but by during each for from he her his how if in it its "
    "no on our patient she since that the their there these they this those to was we what when "
    "while will with you your".split()
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
    if key in _BEFORE_A_NAME:
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

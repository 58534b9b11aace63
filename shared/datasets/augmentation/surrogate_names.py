"""Names that people are given in place of their own, and names that belong to things.

Own small lists of frequent names. None is a drug, an eponym, a word of its own or a month.
"""

from typing import Literal

from shared.text.words import word_set

NameKind = Literal["male", "female", "any", "family"]


def _names(listed: str) -> tuple[str, ...]:
    """In an order that is the same in every process."""
    return tuple(sorted(word_set(listed)))


SURROGATES: dict[NameKind, tuple[str, ...]] = {
    "male": _names(
        "Adrian Alan Benjamin Brian Carlos Charles Daniel David Diego Edward Eric Ethan Gabriel "
        "George James John Joseph "
        "Gregory Harold Henry Isaac Jason Jeremy Joel Kenneth Kevin Liam Lucas Marcus Matthew "
        "Michael Nathaniel Oliver Patrick Paul Peter Philip Raymond Robert Samuel Stephen "
        "Timothy Vincent Walter William"
    ),
    "female": _names(
        "Abigail Alice Amanda Andrea Angela Anna Barbara Beatrice Brenda Caroline Catherine "
        "Deborah Lisa Mary Stephanie "
        "Diana Elena Elizabeth Emily Esther Gloria Hannah Helen Irene Isabel Janet Jennifer Joan "
        "Julia Karen Laura Linda Margaret Maria Martha Megan Michelle Monica Nancy Natalie Nicole "
        "Pamela Patricia Rachel Rebecca Ruth Sandra Sarah Sharon Sophia Susan Teresa Valerie "
        "Veronica Victoria"
    ),
    "any": _names("Alex Casey Jamie Jordan Kendall Morgan Quinn Robin Taylor Terry"),
    "family": _names(
        "Adams Ahmed Alvarez Anderson Andrews Campbell Carlson Castillo Chavez Collins "
        "Crawford Daniels Edwards Elliott Evans Fernandez Garcia Gibson Gonzalez Hansen "
        "Harris Hawkins Henderson Hernandez Hoffman Ibrahim Jenkins Jensen Kowalski "
        "Lawson Lopez Martinez Mendoza Mitchell Montgomery Morales Nguyen Okafor Olson Ortega "
        "Peterson Phillips Ramirez Reynolds Richards Rivera Robertson Rodriguez Sanders Santos "
        "Schneider Simmons Stevens Sullivan Tanaka Thompson Torres Walters Watkins Whitaker"
    ),
}

EPONYMS = word_set(
    "achilles addison alzheimer apgar aschoff asperger babinski bacillus baker barrett bartholin "
    "basedow behcet bell bennett bernard billroth bishop bowman boyd braxton broca bruce "
    "brudzinski burkitt charcot chiari chvostek colles cooper coombs cooley cowper crohn "
    "cushing dandy "
    "dekker doppler down dressler dupuytren ehlers eustachian ewing fallopian fallot fanconi "
    "foley fowler freud gilbert glasgow golgi goodpasture gram graves grey guillain hartmann "
    "hashimoto hegar heimlich henoch hickman hill hirschsprung hodgkin holter homan homans horner "
    "huntington jackson kaposi kawasaki kegel kelly kerley kernig killian kirschner kocher koplik "
    "korsakoff kussmaul lachman langerhans lewy lisfranc lou lund lyme mallory marfan mcburney "
    "mcmurray meckel meniere metzenbaum meyer mohs monro morison morton murphy nissen osgood "
    "osler paget pap parkinson penrose perthes peyronie phalen pott potter purkinje ramsay "
    "raynaud reiter reye rinne romberg rorschach roux sanger schatzki schiller schilling schlatter "
    "schober seldinger sims sjogren skene smith snellen spurling steri still sturge swan sydenham "
    "tay thomas tinel tourette trendelenburg turner valsalva virchow waldenstrom wallenberg watson "
    "weber wegener wernicke whipple willis wilms wilson wood yag yankauer zenker zollinger"
)
"""In small letters. A person of one of these names keeps it."""

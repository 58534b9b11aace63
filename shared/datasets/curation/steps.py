"""All curation steps, in the order in which they speak."""

from functools import partial

from shared.datasets.curation import catalogue
from shared.datasets.curation.boilerplate import Boilerplate
from shared.datasets.curation.copies import Contradictions, ExactDuplicates, NearRepeats
from shared.datasets.curation.form import control_characters, empty, longer_than_source
from shared.datasets.curation.grounding import ungrounded
from shared.datasets.curation.languages import Languages
from shared.datasets.curation.lengths import Lengths
from shared.datasets.curation.step import ComparingStep, RowStep, Step
from shared.datasets.curation.swaps import Swaps

STEPS: tuple[Step, ...] = (
    RowStep(catalogue.EMPTY, empty),
    RowStep(catalogue.CONTROL_CHARACTERS, control_characters),
    ComparingStep(catalogue.EXACT_DUPLICATE, ExactDuplicates),
    ComparingStep(catalogue.NEAR_DUPLICATE, NearRepeats),
    ComparingStep(catalogue.SWAPPED_TARGET, Swaps),
    ComparingStep(catalogue.CONTRADICTORY, Contradictions),
    ComparingStep(catalogue.TOO_SHORT, partial(Lengths, side="short")),
    ComparingStep(catalogue.TOO_LONG, partial(Lengths, side="long")),
    RowStep(catalogue.LONGER_THAN_SOURCE, longer_than_source),
    ComparingStep(catalogue.WRONG_LANGUAGE, Languages),
    RowStep(catalogue.UNGROUNDED, ungrounded),
    ComparingStep(catalogue.BOILERPLATE, Boilerplate),
)

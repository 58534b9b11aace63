"""The operators that there are."""

from collections.abc import Mapping

from shared.datasets.augmentation.abbreviations import switch_abbreviations
from shared.datasets.augmentation.checked import as_true_both_ways, target_as_true
from shared.datasets.augmentation.facts import fewer_in_source, same_but_shifted, same_facts
from shared.datasets.augmentation.operator import Operator
from shared.datasets.augmentation.section_order import reorder_sections
from shared.datasets.augmentation.sentence_dropout import drop_sentences
from shared.datasets.augmentation.surrogates import replace_identities

OPERATORS: Mapping[str, Operator] = {
    one.name: one
    for one in (
        Operator("abbreviations", 1, switch_abbreviations, (same_facts, as_true_both_ways)),
        Operator("section_order", 1, reorder_sections, (same_facts, as_true_both_ways)),
        Operator("surrogates", 1, replace_identities, (same_but_shifted, target_as_true)),
        Operator("sentence_dropout", 1, drop_sentences, (fewer_in_source, target_as_true)),
    )
}

"""A record of somebody else on other days: surrogate names and moved dates.

This makes more of what is there. It is no de-identification: names without a title stay.
"""

import random

from shared.datasets.augmentation.date_shift import shift_dates
from shared.datasets.augmentation.facts import Pair
from shared.datasets.augmentation.person_names import rename_people
from shared.datasets.records import Candidate


def replace_identities(candidate: Candidate, chance: random.Random) -> Pair | None:
    """Names and dates, in source and target alike; ages, sexes and intervals stay."""
    target = candidate.target
    texts = [candidate.source] if target is None else [candidate.source, target]
    changed = rename_people(shift_dates(texts, chance), chance)
    if changed == texts:
        return None
    return changed[0], None if target is None else changed[1]

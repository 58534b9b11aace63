"""Whether summaries of notes that it never saw are targets that it was trained on."""

from shared.training.diagnosis.finding import Finding, Knobs

_WORTH_SAYING = 0.05
_GRAVE = 0.2


def find_copying(share: float | None, knobs: Knobs) -> Finding | None:
    """`share` of the validation sample, 0 to 1, whose summary is a training target."""
    if share is None or share < _WORTH_SAYING:
        return None
    return Finding(
        f"{100 * share:.0f} % of the summaries of validation notes are, word for word or nearly, "
        "targets of training examples: it recalls instead of reading.",
        f"Train fewer epochs ({knobs['num_train_epochs']}), drop targets that many rows share "
        "(`epicrisis datasets report` shows them), or bring more varied examples.",
        "copying" if share >= _GRAVE else None,
    )

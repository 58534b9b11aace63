"""Why a run fails: a code, a sentence and an advice, never a word of an example."""

from shared.errors import EpicrisisError


class TrainingFailed(EpicrisisError):
    """Final: the same job fails the same way."""

    def __init__(self, code: str, detail: str, how_to_fix: str) -> None:
        super().__init__(detail, code=code, how_to_fix=how_to_fix)


class Stopped(Exception):
    """The process was asked to stop, and what it did is in the checkpoint of `step`."""

    def __init__(self, step: int = 0) -> None:
        super().__init__()
        self.step = step

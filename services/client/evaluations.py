"""What is asked of the API about evaluations: compare, look, delete."""

import time
from collections.abc import Callable, Iterator

from services.client.wire import Call, Wire, known, read
from shared.schemas.base import Page
from shared.schemas.evaluations import EvaluationAnswer, EvaluationRequest

_PAGE = 100
_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 3.0
_EVALUATIONS = "/v1/evaluations"


class Evaluations:
    """The part of `Epicrisis` that compares; it wants `training:read` and `training:write`."""

    _wire: Wire

    def evaluate(self, request: EvaluationRequest) -> EvaluationAnswer:
        """Ask for a comparison; production is always among the candidates."""
        body = request.model_dump(mode="json", exclude_defaults=True)
        call = Call("POST", _EVALUATIONS, repeatable=False, json=body)
        return read(self._wire.send(call), EvaluationAnswer)

    def evaluation(self, evaluation: str) -> EvaluationAnswer:
        """With its cases, for a key that may read datasets."""
        return self._wire.get(f"{_EVALUATIONS}/{evaluation}", EvaluationAnswer)

    def evaluations(self, *, note_type: str | None = None) -> Iterator[EvaluationAnswer]:
        """Newest first, without cases."""
        after: str | None = None
        while True:
            params = known({"note_type": note_type, "limit": _PAGE, "after": after})
            page = self._wire.get(_EVALUATIONS, Page[EvaluationAnswer], params)
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = page.data[-1].id

    def watch_evaluation(
        self, evaluation: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[EvaluationAnswer]:
        """The evaluation after each look, until it is ready or has failed."""
        pause = _FIRST_PAUSE
        while True:
            answer = self.evaluation(evaluation)
            yield answer
            if answer.status in ("ready", "failed"):
                return
            sleep(pause)
            pause = min(1.5 * pause, _LONGEST_PAUSE)

    def evaluation_page(self, evaluation: str) -> bytes:
        """The report as HTML, which quotes examples for a key that may read datasets."""
        call = Call("GET", f"{_EVALUATIONS}/{evaluation}/report", repeatable=True)
        return bytes(self._wire.send(call).content)

    def delete_evaluation(self, evaluation: str) -> None:
        """Cancel it if it runs, and delete it with the batches of its candidates."""
        self._wire.send(Call("DELETE", f"{_EVALUATIONS}/{evaluation}", repeatable=False))

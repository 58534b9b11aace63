"""What reviewers ask of the API: summaries, how each came to be, what people say about them."""

from collections.abc import Iterator
from datetime import datetime

from services.client.wire import Call, Wire, known, read
from shared.schemas.base import Page
from shared.schemas.explanations import Explanation
from shared.schemas.reviews import ReviewAnswer, ReviewRequest, ReviewTask, Selection
from shared.schemas.summaries import ListedSummary, ReviewState, Verdict

_PAGE = 100


class Reviews:
    """The part of `Epicrisis` that looks at summaries one by one."""

    _wire: Wire

    def summaries(  # noqa: PLR0913 - the filters of one list
        self,
        *,
        note_type: str | None = None,
        model_version: str | None = None,
        prompt_version: str | None = None,
        review_state: ReviewState | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[ListedSummary]:
        """Summaries with their documents, newest first, page by page; times with an offset."""
        params: dict[str, str | int | None] = {
            "note_type": note_type,
            "model_version": model_version,
            "prompt_version": prompt_version,
            "review_state": review_state,
            "from": since.isoformat() if since else None,
            "to": until.isoformat() if until else None,
            "limit": _PAGE,
        }
        while True:
            page = self._wire.get("/v1/summaries", Page[ListedSummary], known(params))
            yield from page.data
            if not page.has_more or not page.data:
                return
            params["after"] = page.data[-1].id

    def explain(self, summary_id: str) -> Explanation:
        """How a summary came to be: ways tried, what was read, each sentence with its evidence."""
        return self._wire.get(f"/v1/summaries/{summary_id}/explain", Explanation)

    def review(self, summary_id: str, verdict: Verdict, text: str | None = None) -> ReviewAnswer:
        """Say what a summary is worth; `text` is the corrected one, with `edited` only."""
        body = ReviewRequest(verdict=verdict, text=text)
        return self._wire.post(f"/v1/summaries/{summary_id}/review", ReviewAnswer, body)

    def reviews(self, summary_id: str) -> list[ReviewAnswer]:
        """The newest hundred reviews of a summary: the first holds."""
        path = f"/v1/summaries/{summary_id}/reviews"
        page: Page[ReviewAnswer] = self._wire.get(path, Page[ReviewAnswer])
        return page.data

    def next_review(
        self, *, select: Selection = "random", note_type: str | None = None
    ) -> ReviewTask | None:
        """A summary that no one has reviewed, beside its source; None when none waits.

        Nobody else is offered it for 15 minutes.
        """
        params = known({"select": select, "note_type": note_type})
        # An offer that is lost on the way back lapses, so asking again does no harm.
        response = self._wire.send(Call("GET", "/v1/reviews/next", repeatable=True, params=params))
        return read(response, ReviewTask) if response.content else None

"""An OpenAI-compatible server, such as a site's own vLLM, behind the engine's protocol.

The wire format is OpenAI's chat completions: https://platform.openai.com/docs/api-reference/chat
"""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.engine import Chat, Output, Request, check_window

_CHARACTERS_PER_TOKEN = 3.5
"""Of clinical English; the server's tokenizer is not known here."""
_TOKENS_PER_TURN = 8
_DEFAULT_WINDOW = 8192
_LONGEST_PAUSE = 5.0
"""Seconds to wait for a busy server within a call; longer is the ledger's affair."""
_ATTEMPTS = 3
_PASSING = frozenset({408, 409, 425, 429})


class RemoteEngine:
    """`url`: base of the API, such as http://host:8000/v1; `window`: tokens, None asks the server.

    Construction asks it for its models, so that a server that is down is known at once. Answers are
    never quoted in errors.
    """

    warnings: tuple[str, ...] = ()
    remote = True

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        url: str,
        model: str,
        *,
        api_key: str | None = None,
        window: int | None = None,
        timeout_seconds: float = 60.0,
        concurrency: int = 8,
    ) -> None:
        self._model = model
        self._concurrency = concurrency
        self._client = httpx2.Client(
            base_url=url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx2.Timeout(timeout_seconds, connect=5.0),
            limits=httpx2.Limits(max_connections=concurrency),
        )
        try:
            stated = self._stated_window()
        except BaseException:
            self.close()
            raise
        self.window = window or stated or _DEFAULT_WINDOW
        self.name = f"{model}@openai:{self._client.base_url.host}"

    def close(self) -> None:
        self._client.close()

    def count_tokens(self, text: str) -> int:
        """An estimate: a token per 3.5 characters, rounded up."""
        return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)

    def prompt_tokens(self, chat: Chat) -> int:
        """An estimate, as `count_tokens`, with eight more for each turn's frame."""
        return sum(self.count_tokens(content) + _TOKENS_PER_TURN for _, content in chat)

    def input_room(self, max_output_tokens: int) -> int:
        return self.window - max_output_tokens

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """At temperature 0, several at once; `prefix` is left out.

        Raises ModelUnavailable for connections, timeouts, 429 and 5xx, ModelUnusable for other 4xx
        and requests past the window.
        """
        for request in requests:
            check_window(self.prompt_tokens(request.chat), request.max_output_tokens, self.window)
        with ThreadPoolExecutor(max_workers=self._concurrency) as threads:
            return list(threads.map(self._complete, requests))

    def _complete(self, request: Request) -> Output:
        body = {
            "model": self._model,
            "messages": [{"role": role, "content": content} for role, content in request.chat],
            "max_tokens": request.max_output_tokens,
            "temperature": 0,
        }
        answer = self._ask("POST", "chat/completions", body)
        try:
            choice = answer["choices"][0]
            text = str(choice["message"]["content"] or "").strip()
            usage = answer.get("usage") or {}
            return Output(
                text=text,
                input_tokens=int(usage.get("prompt_tokens") or self.prompt_tokens(request.chat)),
                output_tokens=int(usage.get("completion_tokens") or self.count_tokens(text)),
                finished=choice.get("finish_reason") != "length",
            )
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise ModelUnusable("The model's server answers in another language.") from None

    def _stated_window(self) -> int | None:
        """`max_model_len`, which vLLM states among its models; other servers state none."""
        try:
            answer = self._ask("GET", "models")
        except ModelUnusable as error:
            if error.error_code == "not_found":
                return None  # A server may lack the list; the first completion shows the rest.
            raise
        for model in answer.get("data") or [] if isinstance(answer, dict) else []:
            if isinstance(model, dict) and model.get("id") == self._model:
                length = model.get("max_model_len")
                return length if isinstance(length, int) else None
        return None

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._client.request(method, path, json=body)
            except httpx2.TransportError as error:
                reason = type(error).__name__
                raise ModelUnavailable(f"The model's server does not answer ({reason}).") from None
            pause = _pause(answer, attempt)
            if pause is None:
                return _read(answer)
            time.sleep(pause)
        return _read(answer)


def _pause(answer: httpx2.Response, attempt: int) -> float | None:
    """Seconds to wait before asking again; None when that is pointless, or for the ledger to do."""
    if attempt == _ATTEMPTS or answer.status_code not in {429, 503}:
        return None
    stated = answer.headers.get("Retry-After", "")
    seconds = float(stated) if stated.isdecimal() else 0.5 * attempt
    return seconds if seconds <= _LONGEST_PAUSE else None


def _read(answer: httpx2.Response) -> Any:  # noqa: ANN401 - JSON
    status = answer.status_code
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
        raise ModelUnavailable(f"The model's server answers with status {status}.")
    if status != httpx2.codes.OK:
        code = "not_found" if status == httpx2.codes.NOT_FOUND else None
        raise ModelUnusable(f"The model's server answers with status {status}.", code=code)
    try:
        return answer.json()
    except ValueError:
        raise ModelUnusable("The model's server answers in another language.") from None

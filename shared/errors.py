"""Every error that Epicrisis raises on purpose. A code and a sentence; no HTTP, never the input.

EpicrisisError
├── InvalidInput              what was sent cannot be used           → 4xx or a rejected record
│   ├── InvalidRecord         one record of a body; its neighbours go on
│   ├── PayloadTooLarge
│   └── UnsupportedFormat
├── NotFound                  not there, or another tenant's
├── Gone                      was there, and is past its retention
├── Conflict                  the object's state does not allow it
│   ├── IdempotencyMismatch   the same key with another body
│   └── RequestInFlight       the same key, still being answered
├── Unauthenticated           no key, or a bad one
├── Forbidden                 the key lacks the scope
├── TooManyRequests           over a limit that passes: rate, depth of the queue
├── Misconfigured             the operator has to do something
└── ModelError                what a model could not do
    ├── ModelUnavailable      passing: load error, memory, remote 5xx; wait and try again
    └── ModelUnusable         permanent: no such model, digest, unsupported

What one module alone raises stands in it: Unreadable (`master_keys`), StorageUnavailable,
GateNotPassed (`registry/gate`), …
"""

from typing import ClassVar


class EpicrisisError(Exception):
    """A sentence for a person, a code for a program.

    `detail` and `how_to_fix` never quote what a client sent: they reach logs and error rows.
    """

    code: ClassVar[str] = "internal"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        param: str | None = None,
        line: int | None = None,
        how_to_fix: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.error_code = code or self.code
        self.param = param
        self.line = line
        self.how_to_fix = how_to_fix


class InvalidInput(EpicrisisError):
    code = "invalid_input"


class InvalidRecord(InvalidInput):
    code = "invalid_record"


class PayloadTooLarge(InvalidInput):
    code = "payload_too_large"


class UnsupportedFormat(InvalidInput):
    code = "unsupported_format"


class NotFound(EpicrisisError):
    code = "not_found"


class Gone(EpicrisisError):
    code = "gone"


class Conflict(EpicrisisError):
    code = "conflict"


class IdempotencyMismatch(Conflict):
    code = "idempotency_mismatch"


class RequestInFlight(Conflict):
    code = "request_in_flight"


class Unauthenticated(EpicrisisError):
    code = "unauthenticated"


class Forbidden(EpicrisisError):
    code = "forbidden"


class TooManyRequests(EpicrisisError):
    code = "too_many_requests"

    def __init__(
        self,
        detail: str,
        *,
        retry_after_seconds: int,
        code: str | None = None,
        how_to_fix: str | None = None,
    ) -> None:
        super().__init__(detail, code=code, how_to_fix=how_to_fix)
        self.retry_after_seconds = retry_after_seconds


class Misconfigured(EpicrisisError):
    code = "misconfigured"


class ModelError(EpicrisisError):
    code = "model_error"


class ModelUnavailable(ModelError):
    code = "model_unavailable"


class ModelUnusable(ModelError):
    code = "model_unusable"

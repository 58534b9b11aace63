from collections.abc import Callable, Iterable
from typing import Any

import pytest

from shared.config import IntakeSettings
from shared.intake.read import read_records
from shared.intake.records import Outcome

Read = Callable[..., list[Outcome]]

SMALL = {"max_record_bytes": 1000, "max_document_characters": 200, "max_json_depth": 8}


@pytest.fixture(scope="session")
def read() -> Read:
    """read(body or chunks, content_type, encoding=…, a limit=…) → all outcomes."""

    def run(
        body: bytes | Iterable[bytes],
        content_type: str = "application/x-ndjson",
        encoding: str | None = None,
        **limits: Any,  # noqa: ANN401 - fields of IntakeSettings
    ) -> list[Outcome]:
        chunks = [body] if isinstance(body, bytes) else body
        settings = IntakeSettings(**{**SMALL, **limits})
        intake = read_records(
            chunks, content_type=content_type, content_encoding=encoding, limits=settings
        )
        return list(intake.records)

    return run

"""The OpenAPI document: FastAPI's, with our errors in place of its own and the lines of results."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from shared.schemas.base import Problem
from shared.schemas.batches import ResultLine
from shared.schemas.datasets import DeriveRequest
from shared.schemas.training import TrainingEventAnswer

_PROBLEM = {
    "description": "Refused, with a code, a sentence and where it helps what to do next.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_ADDED: tuple[type[BaseModel], ...] = (
    Problem,
    ResultLine,
    DeriveRequest,
    TrainingEventAnswer,
)
"""What no route returns as such, and routes or the document refer to."""
_PROBES = frozenset({"/livez", "/readyz", "/metrics", "/version"})


def complete_document(app: FastAPI) -> None:
    """Let `/openapi.json` say `application/problem+json` for every 4xx and 5xx."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(
                get_openapi(
                    title=app.title, version=app.version, summary=app.summary, routes=app.routes
                )
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)
    for model in _ADDED:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            if path not in _PROBES:
                operation["responses"].setdefault("4XX", _PROBLEM)
                operation["responses"].setdefault("5XX", _PROBLEM)
    return document

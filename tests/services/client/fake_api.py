"""An API in memory, behind the client's transport."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_COUNTS = dict.fromkeys(
    ("total", "queued", "running", "completed", "failed", "rejected", "cancelled", "expired"), 0
)


def make_batch(number: int = 1, status: str = "completed", **counts: int) -> dict[str, Any]:
    return {
        "object": "batch",
        "id": f"batch_{number:032x}",
        "status": status,
        "group": None,
        "priority": "normal",
        "request_counts": {**NO_COUNTS, **counts},
        "routes": {"fine_tuned": 0, "prompt": 0, "extractive": counts.get("completed", 0)},
        "note_types": {"general": counts.get("total", 0)},
        "created_at": NOW.isoformat(),
        "in_progress_at": NOW.isoformat(),
        "completed_at": NOW.isoformat() if status == "completed" else None,
        "expires_at": (NOW + timedelta(days=7)).isoformat(),
        "results_expire_at": None,
        "estimated_completion_at": None,
        "attention": None,
        "metadata": {},
    }


def make_result(seq: int, text: str = "Stable.", status: str = "succeeded") -> dict[str, Any]:
    summary = {
        "id": f"sum_{seq:032x}",
        "status": "succeeded",
        "text": text,
        "sentences": [{"text": text, "supported": True, "support": 0.9}],
        "produced_by": {"route": "extractive", "reason": "no_prompt_model"},
        "quality": {"coverage": 1.0, "unsupported_sentences": 0, "number_mismatches": 0},
        "usage": {"input_tokens": 10, "output_tokens": 2},
    }
    error = {"code": "empty_text", "message": "The record holds no text.", "line": seq}
    return {
        "seq": seq,
        "custom_id": f"note-{seq}",
        "document_id": f"doc_{seq:032x}",
        "status": status,
        "summary": summary if status == "succeeded" else None,
        "error": None if status == "succeeded" else error,
    }


class FakeApi:
    """Takes batches, finishes each at once, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.bodies: list[bytes] = []
        self.batches: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []
        self.limits = {
            "max_documents": 50_000,
            "max_body_bytes": 2**29,
            "max_record_bytes": 2**24,
            "max_document_characters": 2_000_000,
        }
        self.reject_each = 0
        """Of so many documents of a body one is rejected."""

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        path = request.url.path
        if request.method == "POST" and path == "/v1/batches":
            return self._submit(request)
        if path == "/v1/limits":
            return httpx2.Response(200, json=self.limits)
        if path.endswith("/results"):
            return self._results(request)
        found = [each for each in self.batches.values() if path.endswith(each["id"])]
        if not found:
            return problem(404, "not_found", "There is no such batch.")
        return httpx2.Response(200, json=found[0])

    def _submit(self, request: httpx2.Request) -> httpx2.Response:
        body = request.content
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.bodies.append(body)
        if request.headers["Content-Type"] == "application/json":
            return problem(422, "documents_missing", "The body has no list `documents`.")
        key = request.headers["Idempotency-Key"]
        if key not in self.batches:
            total = len(body.splitlines())
            rejected = total // self.reject_each if self.reject_each else 0
            counts = {"total": total, "rejected": rejected, "completed": total - rejected}
            batch = make_batch(len(self.batches) + 1, **counts)
            batch["group"] = request.url.params.get("group")
            self.batches[key] = batch
            answer = batch | {"status": "in_progress", "completed_at": None}
        else:
            answer = self.batches[key]
        return httpx2.Response(202, json=answer, headers={"Retry-After": "1"})

    def _results(self, request: httpx2.Request) -> httpx2.Response:
        after = int(request.url.params.get("after", 0))
        lines = [line for line in self.results if line["seq"] > after]
        return httpx2.Response(200, content="".join(json.dumps(line) + "\n" for line in lines))


def problem(status: int, code: str, detail: str, **headers: str) -> httpx2.Response:
    body = {"title": "No", "status": status, "detail": detail, "code": code, "request_id": "r1"}
    return httpx2.Response(status, json=body, headers=headers)

"""Schemathesis (schemathesis.readthedocs.io) against a running product and its OpenAPI document.

No answer may be a 5xx, none of a status, type or shape that the document does not name.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from services.local.running import running
from tests.fixtures.openai_server import serve

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_UNLIMITED = {
    "EPICRISIS_REQUESTS_PER_MINUTE": "1000000000",
    "EPICRISIS_MAX_QUEUED_DOCUMENTS": "1000000000",
}


def fuzz_api(examples: int, seed: int) -> dict[str, Any]:
    """Schemathesis' report of up to `examples` requests per operation and phase."""
    with tempfile.TemporaryDirectory(prefix="epicrisis-fuzz-") as folder, serve() as model:
        report = Path(folder, "report.json")
        environment = {**_UNLIMITED, "EPICRISIS_PROMPT_MODEL": model.setting}
        with running(Path(folder, "home"), environment=environment) as ready:
            command = [
                *(Path(sys.executable).with_name("schemathesis"), "run"),
                f"{ready.api_url}/openapi.json",
                *("--header", f"Authorization: Bearer {ready.admin_key}"),
                # Its 503 is an answer: not so many workers yet.
                *("--exclude-path", "/readyz"),
                *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
                *("--max-examples", str(examples), "--seed", str(seed), "--workers", "1"),
                *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"),
                *("--report", "json", "--report-json-path", str(report)),
            ]
            # Schemathesis keeps a cache where it runs.
            subprocess.run(command, check=False, cwd=folder, stdout=sys.stderr)
            answers = _answers(ready.api_url)
        return {"answers": answers, **json.loads(report.read_text())}


def _answers(url: str) -> Counter[str]:
    """Answers by class of status, as the API itself counted them."""
    counted: Counter[str] = Counter()
    for line in httpx2.get(f"{url}/metrics").text.splitlines():
        if line.startswith("epicrisis_http_request_seconds_count{"):
            labels, _, value = line.rpartition(" ")
            status = labels.partition('status="')[2][0]
            counted[f"{status}xx"] += round(float(value))
    return counted

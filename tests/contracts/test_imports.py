"""What each entry point pulls in, seen in a fresh interpreter.

import-linter reads the source; it cannot see what a parent package's `__init__` imports.
"""

import json
import subprocess
import sys

import pytest

TORCH = {"torch", "transformers"}
SERVER = {"sqlalchemy", "celery", "fastapi"}


@pytest.mark.parametrize(
    ("entry", "forbidden"),
    [
        ("services.client.http", SERVER | TORCH | {"ctranslate2"}),
        ("services.client.cli.main", SERVER | TORCH | {"ctranslate2"}),
        ("services.api.main", TORCH | {"celery", "redis", "ctranslate2"}),
        ("workers.dispatch.main", TORCH | {"fastapi", "ctranslate2"}),
        ("workers.background.app", TORCH | {"fastapi"}),
        ("workers.background.extractor", SERVER | TORCH | {"numpy", "shared.config"}),
        ("workers.summarization.app", TORCH | {"fastapi"}),
        ("shared.text.extractive", SERVER | TORCH | {"numpy"}),
    ],
)
def test_an_entry_point_stays_light(entry: str, forbidden: set[str]) -> None:
    code = f"import json, sys, {entry}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert forbidden.isdisjoint(json.loads(done.stdout))

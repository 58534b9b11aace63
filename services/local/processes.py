"""The processes of one machine, and what each is given: what it needs and no more."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from services.local.children import Program
from services.local.ports import LOOPBACK

PACKAGED_PROMPT_MODEL = "packaged:smollm2"
AUDIT_ANCHOR = "audit-anchor.jsonl"
"""In the home: the heads of the audit chains, written by the dispatcher and read by the API."""

ARTIFACTS = "artifacts"
"""In the home: models, where EPICRISIS_ARTIFACTS_URL names no other place."""

_STORE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""The object store's credentials, for those who publish and fetch models."""
_SECRETS = (
    "EPICRISIS_DATABASE_URL",
    "EPICRISIS_DATABASE_DIRECT_URL",
    "EPICRISIS_REDIS_URL",
    "EPICRISIS_MASTER_KEY",
    "EPICRISIS_MASTER_KEY_FILE",
    "EPICRISIS_PROMPT_API_KEY",
    "EPICRISIS_PROMPT_API_KEY_FILE",
    "EPICRISIS_API_KEY",
    *_STORE,
)


@dataclass(frozen=True, slots=True)
class Connections:
    """How the processes reach the servers."""

    databases: Mapping[str, str]
    """URL by role."""
    direct_databases: Mapping[str, str]
    """The same past a transaction pooler; empty if there is none."""
    redis_url: str
    master_keys: Mapping[str, str]
    """Where the master keys are, as a process's environment."""

    def database(self, role: str) -> dict[str, str]:
        """The role's URLs and the master keys, as a process's environment."""
        environment = {"EPICRISIS_DATABASE_URL": self.databases[role], **self.master_keys}
        if role in self.direct_databases:
            environment["EPICRISIS_DATABASE_DIRECT_URL"] = self.direct_databases[role]
        return environment


@dataclass(frozen=True, slots=True)
class Plan:
    """What the operator asked for."""

    home: str
    port: int
    """Of the API; not 0."""
    summarizers: int
    environment: Mapping[str, str]
    """The supervisor's own."""


def process_table(plan: Plan, connections: Connections) -> tuple[Program, ...]:
    """Every process of the product, in the order in which they start."""
    public = public_environment(plan)
    anchor = {"EPICRISIS_AUDIT_ANCHOR": f"{plan.home}/{AUDIT_ANCHOR}", **public}
    worker = {
        **public,
        **connections.database("worker"),
        "EPICRISIS_REDIS_URL": connections.redis_url,
    }
    store = {
        "EPICRISIS_ARTIFACTS_URL": plan.environment.get(
            "EPICRISIS_ARTIFACTS_URL", f"{plan.home}/{ARTIFACTS}"
        ),
        **{name: plan.environment[name] for name in _STORE if name in plan.environment},
    }
    model = {
        **worker,
        **store,
        "EPICRISIS_BASE_MODEL": plan.environment.get("EPICRISIS_BASE_MODEL", PACKAGED_PROMPT_MODEL),
        "EPICRISIS_PROMPT_MODEL": plan.environment.get(
            "EPICRISIS_PROMPT_MODEL", PACKAGED_PROMPT_MODEL
        ),
        **{
            name: plan.environment[name]
            for name in ("EPICRISIS_PROMPT_API_KEY", "EPICRISIS_PROMPT_API_KEY_FILE")
            if name in plan.environment
        },
    }
    # The API hands model versions out, and names the base of a run that names none.
    api = {
        **anchor,
        **connections.database("api"),
        **store,
        "EPICRISIS_BASE_MODEL": model["EPICRISIS_BASE_MODEL"],
    }
    summarizers = [
        _module(f"summarization-{number}", "workers.summarization.app", model)
        for number in range(1, plan.summarizers + 1)
    ]
    return (
        _module("api", "services.api.main", api, "--host", LOOPBACK, "--port", str(plan.port)),
        _module("dispatcher", "workers.dispatch.main", {**anchor, **worker}),
        *summarizers,
        _module("training-1", "workers.training.app", model),
        _module("background", "workers.background.app", model),
    )


def public_environment(plan: Plan) -> dict[str, str]:
    """The supervisor's environment without what is secret."""
    kept = {name: value for name, value in plan.environment.items() if name not in _SECRETS}
    return {**kept, "EPICRISIS_HOME": plan.home, "PYTHONUNBUFFERED": "1"}


def _module(name: str, module: str, environment: Mapping[str, str], *arguments: str) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments), environment)

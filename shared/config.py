"""Settings from the environment, in groups; nothing else reads it.

Each group is one class, so a process takes only what it needs: `LedgerSettings().lease_seconds`.
Every variable is the field's name in capitals behind `EPICRISIS_`.
"""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class _Group(BaseSettings):
    # Empty means unset: `EPICRISIS_PROMPT_MODEL= epicrisis up` is how one says "none".
    model_config = SettingsConfigDict(
        env_prefix="EPICRISIS_", env_ignore_empty=True, extra="ignore", frozen=True
    )


class HomeSettings(_Group):
    """Where things lie on this machine."""

    home: Path = Path.home() / ".epicrisis"
    """Data of `epicrisis up`: databases, spool, secrets, logs."""
    engines: Path = Path.home() / ".cache" / "epicrisis" / "engines"
    """Models converted for the fast engine, by digest; may be deleted at any time."""
    models: Path = Path.home() / ".cache" / "epicrisis" / "models"
    """Bases and model versions fetched from the artifact store, by digest; likewise."""
    runs: Path = Path.home() / ".cache" / "epicrisis" / "runs"
    """Work folders of training runs: checkpoints, by which they resume."""


class ServerSettings(_Group):
    """Postgres and Redis."""

    database_url: SecretStr | None = None
    database_direct_url: SecretStr | None = None
    """Past a transaction pooler, for LISTEN and advisory locks; default: `database_url`."""
    redis_url: SecretStr | None = None


class ProvisionSettings(_Group):
    """Passwords of the four database roles, for `python -m migrations.provision` alone."""

    migrator_password: SecretStr
    api_password: SecretStr
    worker_password: SecretStr
    auditor_password: SecretStr


class SecretSettings(_Group):
    """The master key, 32 bytes as hex, that wraps every tenant's data key.

    Several, between commas or one a line: the first wraps, the others only unwrap.
    """

    master_key: SecretStr | None = None
    master_key_file: Path | None = None
    key_wrapper: str | None = None
    """`package.module:factory` of a `KeyWrapper`, for a key management service."""


class AddressSettings(_Group):
    """How the outside reaches the API."""

    public_url: str | None = None
    """`https://epicrisis.example.org`: what clients' assertions are addressed to. Unset: the
    address that a request was received at, which behind a proxy is not what clients know."""


class AuditSettings(_Group):
    """Where the heads of the audit chains are kept, outside the database."""

    audit_anchor: Path | None = None
    """A file that only grows; unset: no anchor, and `audit verify` says so."""


class StorageSettings(_Group):
    """Models, datasets and whatever else is too large for the database."""

    artifacts_url: str | None = None
    """A folder or object store as fsspec names it: `/srv/epicrisis`, `s3://bucket/prefix`."""
    artifacts_endpoint_url: str | None = None
    """Of an S3-compatible server that is not Amazon's."""


class IntakeSettings(_Group):
    """Limits of one submission; `GET /v1/limits` shows them."""

    max_documents: int = 50_000
    max_body_bytes: int = 512 * 2**20
    """Of the body as sent, plain or gzip."""
    max_record_bytes: int = 16 * 2**20
    max_document_characters: int = 2_000_000
    max_json_depth: int = 64
    max_gzip_ratio: int = 200
    spool_memory_bytes: int = 8 * 2**20
    """A spool larger than this goes to a file of sealed records."""
    max_queued_documents: int = 1_000_000
    """Of one tenant; a submission beyond it is answered 429."""
    requests_per_minute: int = 3_000
    """Of one tenant to one API process."""


class DatasetSettings(_Group):
    """Limits of one upload of examples."""

    max_examples: int = 1_000_000
    max_dataset_bytes: int = 4 * 2**30
    """Of the body as sent."""
    max_example_characters: int = 1_000_000
    """Of a source, and of a target."""


class ExtractionSettings(_Group):
    """Limits of taking one attachment (PDF, RTF, XHTML) to text, in a process of its own."""

    extraction_seconds: float = 30.0
    extraction_memory_bytes: int = 1024 * 2**20


class LedgerSettings(_Group):
    """Leases, retries and pace."""

    lease_seconds: float = 30.0
    scan_seconds: float = 5.0
    fallback_after_seconds: float = 900.0
    """How long a document waits for a sick model before it steps down the route."""
    deadline_seconds: float = 120.0
    """A micro-batch may take this long and as long again per 25,000 characters."""
    micro_batch_seconds: float = 2.0
    max_attempts: int = 3
    max_deaths: int = 3
    batch_days: int = 7
    """A batch not done by then expires."""
    results_days: int = 30


class EngineSettings(_Group):
    """Models and the device they run on."""

    prompt_model: str | None = None
    """Local directory, hub id, `packaged:smollm2`, or `openai:URL#model`."""
    prompt_api_key: SecretStr | None = None
    prompt_api_key_file: Path | None = None
    device: str = "auto"
    compute_type: str = "auto"
    """CTranslate2's name for the arithmetic: float32, int8, float16, int8_float16; `auto` is
    int8 on CPU and float16 on GPU."""
    engine_threads: int = 1
    token_budget: int = 2048
    """Tokens of one padded forward pass."""
    loaded_versions: int = Field(2, ge=1)
    """Fine-tuned versions that a worker keeps in memory, beside the prompt model."""
    prompt_window: int | None = None
    """Tokens of prompt and output together on a remote server that does not state them."""
    prompt_timeout_seconds: float = 60.0
    """For one answer of a remote server."""

    @model_validator(mode="after")
    def _read_key_file(self) -> Self:
        if self.prompt_api_key is None and self.prompt_api_key_file is not None:
            key = SecretStr(self.prompt_api_key_file.read_text().strip())
            object.__setattr__(self, "prompt_api_key", key)
        return self


class TrainingSettings(_Group):
    """What training runs begin from, and what of the machine they take."""

    base_model: str | None = None
    """The base of a run that names none: hub id, directory or `packaged:smollm2`."""
    training_threads: int | None = Field(None, ge=1)
    """Of the CPU; None: as many as there are cores."""
    training_processes: int | None = Field(None, ge=1)
    """One a GPU, through `accelerate launch`; None: as many as there are GPUs."""
    run_key: SecretStr | None = None
    """32 bytes as hex: opens the examples of one run. Its supervisor sets it for its trainer."""


class ClientSettings(_Group):
    """Where the API is and who asks."""

    api_url: str = "http://127.0.0.1:8000"
    api_key: SecretStr | None = None
    request_timeout_seconds: float = Field(default=60.0, gt=0)

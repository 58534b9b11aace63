"""What a check looks at, and what it finds."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from services.local.home import READY_FILE
from services.local.ready import Ready, read_ready
from shared.config import ClientSettings, ServerSettings

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`fail`: it does not work; `warn`: it works, but somebody should know."""

    check: str
    level: Level
    detail: str
    how_to_fix: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Place:
    """The installation: what the environment names, else the `epicrisis up` of `home`."""

    home: Path
    ready: Ready | None
    """Of a running `epicrisis up`."""
    database_url: str | None
    redis_url: str | None
    api_url: str | None


def find_place(home: Path) -> Place:
    try:
        ready = read_ready(home / READY_FILE)
    except (OSError, ValueError, TypeError):
        ready = None
    servers, client = ServerSettings(), ClientSettings()
    database = servers.database_url.get_secret_value() if servers.database_url else None
    redis = servers.redis_url.get_secret_value() if servers.redis_url else None
    api = client.api_url if "api_url" in client.model_fields_set else None
    return Place(
        home=home,
        ready=ready,
        database_url=database or (ready.database_url if ready else None),
        redis_url=redis or (ready.redis_url if ready else None),
        api_url=api or (ready.api_url if ready else None),
    )

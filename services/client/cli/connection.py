"""Which API the command speaks to, and as whom."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2
import typer

from services.client.cli.output import err
from services.client.errors import NoApiKey
from services.client.http import Epicrisis
from services.client.retry import Retry
from shared.config import ClientSettings, HomeSettings

READY_FILE = "ready.json"
_LONG_SECONDS = 5.0


def connect(ctx: typer.Context, *, admin: bool = False) -> Epicrisis:
    """The client of a command: what the environment says, else the `epicrisis up` of this machine.

    `admin` takes the administrator's key of a local one. Raises NoApiKey. The context's object, if
    any, is the transport of a test.
    """
    transport = ctx.obj if isinstance(ctx.obj, httpx2.BaseTransport) else None
    settings = ClientSettings()
    given_url = settings.api_url if "api_url" in settings.model_fields_set else None
    given_key = settings.api_key.get_secret_value() if settings.api_key else None
    local = read_ready(HomeSettings().home)
    url = given_url or local.get("api_url")
    key = given_key
    # A key is shown only to the server that it was made by.
    if key is None and url is not None and url == local.get("api_url"):
        key = local.get("admin_key" if admin else "api_key")
    if not key:
        raise NoApiKey("There is no API key, and no `epicrisis up` runs here that would have one.")
    return Epicrisis(url, key, transport=transport, retry=Retry(sleep=_wait))


def _wait(seconds: float) -> None:
    """A long pause is said: whoever watches would take it for a hang."""
    if seconds >= _LONG_SECONDS:
        err.print(f"[dim]The server has enough to do for now; going on in {seconds:.0f} s.[/]")
    time.sleep(seconds)


def read_ready(home: Path) -> Mapping[str, str]:
    """The ready file of a running `epicrisis up`; empty if there is none that can be read."""
    try:
        ready = json.loads((home / READY_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return ready if isinstance(ready, dict) else {}

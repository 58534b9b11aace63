"""The secrets of one home: made once, kept in `secrets.json` (0600)."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from migrations.provision import ROLES
from services.local.files import write_private
from shared.config import SecretSettings
from shared.errors import Misconfigured
from shared.master_keys import KEY_BYTES
from shared.vault import Vault

SECRETS_FILE = "secrets.json"


@dataclass(frozen=True, slots=True)
class Keys:
    """API keys of the first tenant; the database holds only their digests."""

    api_key: str
    admin_key: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the file holds."""

    master_key: str | None
    """32 bytes as hex; None if the home was made with EPICRISIS_MASTER_KEY given from outside."""
    postgres_password: str
    valkey_password: str
    keys: Mapping[str, Keys] = field(default_factory=dict)
    """By the database that knows them."""


def load_or_create(home: Path) -> Credentials:
    """The home's secrets; new ones for a new home.

    Raises Misconfigured if the secrets that go with existing data are gone.
    """
    path = home / SECRETS_FILE
    if path.exists():
        known = json.loads(path.read_text())
        keys = {name: Keys(**pair) for name, pair in known.pop("keys").items()}
        return Credentials(**known, keys=keys)
    if (home / "postgres").exists():
        raise Misconfigured(
            f"{path} is gone, and without it the data beside it cannot be opened.",
            how_to_fix="Put the file back from a backup, or choose another home.",
        )
    credentials = Credentials(
        master_key=None if _master_key_from_outside() else secrets.token_hex(KEY_BYTES),
        postgres_password=secrets.token_hex(16),
        valkey_password=secrets.token_hex(16),
    )
    save(home, credentials)
    return credentials


def save(home: Path, credentials: Credentials) -> None:
    write_private(home / SECRETS_FILE, json.dumps(asdict(credentials), indent=1))


def with_keys(credentials: Credentials, database: str, keys: Keys) -> Credentials:
    """The same with the keys that `database` knows."""
    return replace(credentials, keys={**credentials.keys, database: keys})


def master_key(credentials: Credentials) -> str:
    """The key from outside, else the home's own; 64 hexadecimal digits.

    Raises Misconfigured if there is neither, or the one from outside is no key.
    """
    key = _master_key_from_outside() or credentials.master_key
    if key is None:
        raise Misconfigured(
            "The data of this home was sealed under a master key given from outside.",
            how_to_fix="Set the same EPICRISIS_MASTER_KEY or EPICRISIS_MASTER_KEY_FILE again.",
        )
    return key


def role_passwords(master: str) -> dict[str, str]:
    """Passwords of the database's roles under a master key, by role.

    Derived rather than drawn: roles belong to the whole server, so two machines on one database
    must set the same passwords, and what such machines share is the master key.
    """
    key = bytes.fromhex(master)
    return {
        role: hmac.new(key, f"epicrisis role {role}".encode(), hashlib.sha256).hexdigest()
        for role in ROLES
    }


def _master_key_from_outside() -> str | None:
    settings = SecretSettings()
    if settings.master_key is not None:
        digits = settings.master_key.get_secret_value()
    elif settings.master_key_file is not None:
        digits = settings.master_key_file.read_text()
    else:
        return None
    Vault.from_settings(settings)  # raises Misconfigured unless it is a key
    return digits.strip()

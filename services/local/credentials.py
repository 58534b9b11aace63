"""The secrets of one home: made once, kept in `secrets.json` and `master.keys` (both 0600).

The master keys have a file of their own, so that running processes can read it anew after
`epicrisis vault rotate`, and so that it can be kept apart from a backup of everything else.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from migrations.provision import ROLES
from services.local.files import write_private
from shared.config import SecretSettings
from shared.errors import Misconfigured
from shared.master_keys import KEY_BYTES, parse_keys, read_keys

SECRETS_FILE = "secrets.json"
MASTER_KEYS_FILE = "master.keys"


@dataclass(frozen=True, slots=True)
class Keys:
    """API keys of the first tenant; the database holds only their digests."""

    api_key: str
    admin_key: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What `secrets.json` holds."""

    role_key: str | None
    """32 bytes as hex that decide the passwords of the database's roles, and stay when master keys
    change; None if the home was made with a master key given from outside."""
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
        return _load(home, json.loads(path.read_text()))
    if (home / "postgres").exists():
        raise _gone(path)
    outside = given_master_keys() is not None
    if not outside:
        write_master_keys(home, [secrets.token_bytes(KEY_BYTES)])
    credentials = Credentials(
        role_key=None if outside else secrets.token_hex(KEY_BYTES),
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


def master_key_settings(home: Path, credentials: Credentials) -> SecretSettings:
    """Where the master keys are: given from outside, else in the home's own file.

    Raises Misconfigured if there are none, or what there is is no key.
    """
    if given_master_keys() is not None:
        return SecretSettings()
    if credentials.role_key is None:
        raise Misconfigured(
            "The data of this home was sealed under a master key given from outside.",
            how_to_fix="Set the same EPICRISIS_MASTER_KEY or EPICRISIS_MASTER_KEY_FILE again.",
        )
    file = home / MASTER_KEYS_FILE
    if not file.exists():
        raise _gone(file)
    read_keys(file)
    return SecretSettings(master_key_file=file)


def role_passwords(credentials: Credentials) -> dict[str, str]:
    """Passwords of the database's roles, by role.

    Derived rather than drawn: roles belong to the whole server, so two machines on one database
    must set the same passwords, and what such machines share is the master key. Of several given
    from outside the last, which stays when a new one is put before it.
    """
    given = given_master_keys()
    key = given[-1] if given else bytes.fromhex(credentials.role_key or "")
    return {
        role: hmac.new(key, f"epicrisis role {role}".encode(), hashlib.sha256).hexdigest()
        for role in ROLES
    }


def given_master_keys() -> list[bytes] | None:
    """Those from outside, if any. Raises Misconfigured unless they are keys."""
    settings = SecretSettings()
    if settings.master_key is not None:
        return parse_keys(settings.master_key.get_secret_value())
    return read_keys(settings.master_key_file) if settings.master_key_file is not None else None


def write_master_keys(home: Path, keys: list[bytes]) -> None:
    """The first wraps; whole or not at all."""
    write_private(home / MASTER_KEYS_FILE, "".join(f"{key.hex()}\n" for key in keys))


def _load(home: Path, known: dict[str, Any]) -> Credentials:
    keys = {name: Keys(**pair) for name, pair in known.pop("keys").items()}
    if "master_key" not in known:
        return Credentials(**known, keys=keys)
    # Made before there could be several master keys: the one in here moves into their file.
    master = known.pop("master_key")
    if master is not None and not (home / MASTER_KEYS_FILE).exists():
        write_master_keys(home, parse_keys(master))
    # Of a digest, so that a master key that is removed one day is nowhere any more.
    role_key = master and hashlib.sha256(b"epicrisis role key" + bytes.fromhex(master)).hexdigest()
    credentials = Credentials(role_key=role_key, **known, keys=keys)
    save(home, credentials)
    return credentials


def _gone(path: Path) -> Misconfigured:
    return Misconfigured(
        f"{path} is gone, and without it the data beside it cannot be opened.",
        how_to_fix="Put the file back from a backup, or choose another home.",
    )

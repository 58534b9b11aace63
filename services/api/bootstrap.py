"""The first tenant and the first keys.

    python -m services.api.bootstrap [--tenant NAME] [--allow-remote-prompts] [--json]

Run once, with the migrator's EPICRISIS_DATABASE_URL and the master key. Later keys are made with
`epicrisis keys create`. Prints them; they are stored nowhere. Whoever is locked out, since no
administrator's key works any more, runs it again with another name and has a tenant to work from.
"""

import argparse
import json
import sys

from sqlalchemy import any_, func, literal, or_, select

from shared.access.keys import create_key
from shared.access.tenants import create_tenant
from shared.database import Database, connect
from shared.errors import Conflict, EpicrisisError
from shared.schemas.access import SCOPES
from shared.tables import ApiKey, Tenant
from shared.vault import Vault

_WORKING_ADMIN_KEY = (
    select(ApiKey.id)
    .join(Tenant)
    .where(
        literal("admin") == any_(ApiKey.scopes),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
        Tenant.suspended_at.is_(None),
    )
    .limit(1)
)


def bootstrap(
    database: Database, vault: Vault, tenant: str, *, remote_prompts: bool = False
) -> dict[str, str]:
    """`api_key` may do all but administer, `admin_key` all.

    Raises Conflict while there is an administrator's key that works.
    `remote_prompts`: whether the tenant's text may be sent to a prompt server.
    """
    with database.transaction() as session:
        if session.scalar(_WORKING_ADMIN_KEY) is not None:
            raise Conflict(
                "This database has a tenant and an administrator's key already.",
                code="already_bootstrapped",
                how_to_fix="Make more keys with `epicrisis keys create` and the admin key.",
            )
        first = create_tenant(session, vault, tenant)
        first.remote_prompts = remote_prompts
        _, api_key = create_key(session, first.id, [s for s in SCOPES if s != "admin"])
        _, admin_key = create_key(session, first.id, SCOPES)
    return {"api_key": api_key, "admin_key": admin_key}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m services.api.bootstrap")
    parser.add_argument("--tenant", default="default", help="name of the first tenant")
    parser.add_argument(
        "--allow-remote-prompts",
        action="store_true",
        help="its text may be sent to the server that EPICRISIS_PROMPT_MODEL names",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    try:
        keys = bootstrap(
            Database(connect()),
            Vault.from_settings(),
            arguments.tenant,
            remote_prompts=arguments.allow_remote_prompts,
        )
    except EpicrisisError as error:
        sys.stderr.write(f"{error.detail} {error.how_to_fix or ''}\n")
        return 1
    if arguments.json:
        sys.stdout.write(json.dumps(keys) + "\n")
    else:
        sys.stdout.writelines(f"{name}: {key}\n" for name, key in keys.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())

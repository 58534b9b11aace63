"""The first tenant, made with the owner's rights."""

import os

import pytest
from sqlalchemy import text

from services.api.bootstrap import bootstrap
from shared.database import Database, connect
from shared.errors import Conflict
from shared.master_keys import MasterKeys
from shared.vault import Vault
from tests.fixtures.servers import DatabaseUrls


@pytest.mark.parametrize("permitted", [False, True])
def test_text_goes_to_a_server_only_where_the_operator_says_so(
    urls: DatabaseUrls, *, permitted: bool
) -> None:
    owner, vault = Database(connect(urls.migrator)), Vault(MasterKeys([os.urandom(32)]))
    keys = bootstrap(owner, vault, "default", remote_prompts=permitted)
    assert set(keys) == {"api_key", "admin_key"}
    with owner.transaction() as session:
        assert session.scalar(text("SELECT remote_prompts FROM tenants")) is permitted
    with pytest.raises(Conflict):
        bootstrap(owner, vault, "default")
    owner.engine.dispose()


@pytest.mark.parametrize(
    "lock_out",
    [
        "UPDATE api_keys SET revoked_at = now()",
        "UPDATE api_keys SET expires_at = now() - interval '1 s'",
        "UPDATE tenants SET suspended_at = now()",
    ],
)
def test_an_operator_who_is_locked_out_gets_a_tenant_to_work_from(
    urls: DatabaseUrls, lock_out: str
) -> None:
    owner, vault = Database(connect(urls.migrator)), Vault(MasterKeys([os.urandom(32)]))
    bootstrap(owner, vault, "default")
    with pytest.raises(Conflict, match="already"):
        bootstrap(owner, vault, "operators")
    with owner.transaction() as session:
        session.execute(text(lock_out))
    with pytest.raises(Conflict, match="of this name"):
        bootstrap(owner, vault, "default")
    assert bootstrap(owner, vault, "operators")["admin_key"].startswith("epk_")
    owner.engine.dispose()

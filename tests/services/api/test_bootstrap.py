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

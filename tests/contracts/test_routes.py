"""Every route asks who is there, but for the probes."""

import os

from fastapi.routing import APIRoute
from sqlalchemy import create_engine

from services.api.dependencies import Access
from services.api.main import create_app
from shared.database import Database
from shared.master_keys import MasterKeys
from shared.vault import Vault

PROBES = {"/livez", "/readyz", "/metrics", "/version"}
# Where a client gets its credential: what it sends is the proof, and there is none before.
TOKENS = {"/oauth/token", "/.well-known/smart-configuration"}
OPEN = PROBES | TOKENS


def scopes_of(route: APIRoute) -> list[str]:
    return [d.call.scope for d in route.dependant.dependencies if isinstance(d.call, Access)]


def test_every_route_of_ours_has_one_authorization() -> None:
    database = Database(create_engine("postgresql+psycopg://nowhere"))
    app = create_app(database, Vault(MasterKeys([os.urandom(32)])))
    # FastAPI keeps an included router whole; its routes stand in `original_router`.
    routers = [getattr(included, "original_router", None) for included in app.routes]
    routes = [route for router in routers if router for route in router.routes]
    assert len(routes) > 15
    for route in routes:
        assert isinstance(route, APIRoute)
        expected = 0 if route.path in OPEN else 1
        assert len(scopes_of(route)) == expected, route.path

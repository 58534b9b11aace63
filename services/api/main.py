"""The API.

python -m services.api.main [--host 127.0.0.1] [--port 8000]
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from threading import BoundedSemaphore

import anyio.to_thread
import uvicorn
from fastapi import FastAPI

from services.api.body_limit import BodyLimit
from services.api.dependencies import Services
from services.api.errors import install_error_handlers
from services.api.middleware import RequestContext
from services.api.openapi import complete_document
from services.api.rate_limit import RateLimit
from services.api.routes import (
    administration,
    audit,
    bases,
    batches,
    clients,
    datasets,
    evaluations,
    models,
    note_types,
    oauth,
    operations,
    prompts,
    registry,
    reviews,
    subjects,
    summaries,
    tenant_settings,
    training_runs,
    triggers,
)
from services.api.routes import vault as vault_routes
from services.api.uploads import Uploads
from shared.config import IntakeSettings
from shared.database import Database, connect
from shared.logs import configure_logs
from shared.vault import Vault

_THREADS = 32
_UPLOADS = 16
_WAITS = 12


def create_app(database: Database, vault: Vault, intake: IntakeSettings | None = None) -> FastAPI:
    """The application over a database of the role `epicrisis_api`."""
    app = FastAPI(
        title="Epicrisis",
        version=version("epicrisis"),
        summary="Electronic health record documents in, summaries that can be trusted out.",
        lifespan=_lifespan,
        # Such a redirect leads to wherever the Host header says, and a body would follow it.
        redirect_slashes=False,
    )
    intake = intake or IntakeSettings()
    app.state.services = Services(
        database=database,
        vault=vault,
        intake=intake,
        rate=RateLimit(intake.requests_per_minute),
        uploads=Uploads(_UPLOADS),
        waits=BoundedSemaphore(_WAITS),
    )
    app.add_middleware(BodyLimit, most=intake.max_record_bytes)
    app.add_middleware(RequestContext)
    install_error_handlers(app)
    for router in (
        batches.router,
        summaries.router,
        datasets.router,
        bases.router,
        training_runs.router,
        triggers.router,
        evaluations.router,
        models.router,
        registry.model_verbs,
        prompts.router,
        registry.prompt_verbs,
        reviews.router,
        note_types.router,
        administration.router,
        subjects.router,
        tenant_settings.router,
        audit.router,
        vault_routes.router,
        clients.router,
    ):
        app.include_router(router, prefix="/v1")
    app.include_router(oauth.router)
    app.include_router(operations.router)
    complete_document(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield
    app.state.services.database.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.api.main")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    configure_logs("api")
    app = create_app(Database(connect(pool_size=_THREADS // 2)), Vault.from_settings())
    uvicorn.run(
        app,
        host=arguments.host,
        port=arguments.port,
        log_config=None,
        access_log=False,
        # Headers of a proxy would choose the scheme of what assertions are addressed to.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=20,
    )


if __name__ == "__main__":
    main()

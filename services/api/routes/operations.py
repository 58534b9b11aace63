"""For operators and their probes: no key, and nothing about any tenant."""

from importlib.metadata import version

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select, text

from services.api.dependencies import Services, ServicesDep
from shared.queues import SEEN_SECONDS
from shared.tables import WorkerPresence

router = APIRouter(tags=["operations"])


@router.get("/livez")
async def alive() -> dict[str, str]:
    """The process answers, also while all its threads are taken."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Not yet; it will be."}})
def ready(services: ServicesDep, response: Response, workers: int = 0) -> dict[str, str | int]:
    """The database answers; with `workers=N` also: N summarization workers are past loading."""
    living = _living_workers(services)
    if living < workers:
        response.status_code = 503
        return {"status": "waiting for workers", "workers": living}
    return {"status": "ok", "workers": living}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics() -> Response:
    """Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/version")
def show_version() -> dict[str, str]:
    return {"name": "epicrisis", "version": version("epicrisis")}


def _living_workers(services: Services) -> int:
    query = (
        select(func.count())
        .select_from(WorkerPresence)
        .where(WorkerPresence.queue == "summarization", WorkerPresence.state != "loading")
        .where(WorkerPresence.seen_at > text(f"now() - interval '{SEEN_SECONDS} s'"))
    )
    with services.database.transaction() as session:
        return session.scalar(query) or 0

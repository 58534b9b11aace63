"""For operators and their probes: no key, and nothing about any tenant."""

from contextlib import suppress
from importlib.metadata import version

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import InterfaceError, OperationalError

from services.api.dependencies import Services, ServicesDep
from shared.queues import SEEN_SECONDS, read_queues
from shared.tables import WorkerPresence

router = APIRouter(tags=["operations"])
_WAITING = Gauge("epicrisis_queue_waiting", "What may be claimed now, over all tenants.", ["queue"])
_OLDEST = Gauge(
    "epicrisis_queue_oldest_seconds", "How long the oldest of it has been waiting.", ["queue"]
)


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
def metrics(services: ServicesDep) -> Response:
    """Prometheus text format. Without the database the queues are as they were seen last."""
    with suppress(OperationalError, InterfaceError), services.database.transaction() as session:
        for queue in read_queues(session):
            _WAITING.labels(queue.name).set(queue.waiting)
            _OLDEST.labels(queue.name).set(queue.oldest_seconds)
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

"""Stop splits of prompts as soon as their interval says which side does better."""

from sqlalchemy import select

from shared.audit.record import record
from shared.database import Database
from shared.errors import EpicrisisError
from shared.ids import public_id
from shared.logs import describe, get_logger
from shared.prompts.split import find_running, measure_split, stop_split
from shared.tables import PromptSplit
from shared.vault import Vault

_log = get_logger()
_ACTOR = "dispatcher"


def stop_decided(database: Database, vault: Vault) -> None:
    """One look at every split that runs, each in a transaction of its own."""
    with database.transaction() as session:
        running = session.execute(
            select(PromptSplit.tenant_id, PromptSplit.note_type)
            .where(PromptSplit.stopped_at.is_(None))
            .order_by(PromptSplit.id)
        ).all()
    for row in running:
        with database.transaction(row.tenant_id) as session:
            split = find_running(session, row.note_type)
            if split is None or (better := measure_split(session, split).better) is None:
                continue
            stop_split(session, split, f"The interval says that {better} does better.")
            objects = [public_id("split", split.id), better]
            try:
                with session.begin_nested():
                    record(session, vault, row.tenant_id, _ACTOR, "prompt.split_stop", objects)
            except EpicrisisError as error:
                _log.warning("split_unaudited", split=objects[0], error=describe(error))
            _log.info("split_stopped", split=objects[0])

"""Answer a wake-up by draining: claim, summarize, record, until nothing is claimable.

The stop flag is looked at between micro-batches, so a backlog keeps flowing while Redis is away and
a worker told to stop does so within a micro-batch.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.access.tenants import open_vault
from shared.config import LedgerSettings
from shared.database import Database
from shared.documents.complete import Failed, Summarized, complete, fail
from shared.documents.ledger import Claim, claim, heartbeat, release, release_unknown, retry_later
from shared.documents.reuse import find_reusable
from shared.errors import Gone
from shared.logs import describe, get_logger
from shared.master_keys import Unreadable
from shared.note_types.queries import load
from shared.note_types.shipped import NoteType
from shared.prompts.divide import Running, Side, running_splits
from shared.prompts.prompt import Prompt
from shared.prompts.queries import Prompts
from shared.registry.queries import find_serving, production_models
from shared.schemas.summaries import ProducedBy
from shared.tables import Batch, DocumentContent, Tenant
from shared.vault import TenantVault, Vault
from workers.persist import persist
from workers.presence import Presence
from workers.summarization.draft import ClaimedText
from workers.summarization.examples import Chosen, Examples
from workers.summarization.pipeline import Pipeline
from workers.summarization.results import Postponed, Result, Retried

_log = get_logger()
_FIRST_BUDGET = 2_000
_SMOOTHING = 0.3
_PAUSE_SECONDS = 5.0


class Drain:
    def __init__(  # noqa: PLR0913 - the parts of a worker
        self,
        database: Database,
        vault: Vault,
        presence: Presence,
        pipeline: Pipeline,
        settings: LedgerSettings,
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._vault = vault
        self._presence = presence
        self._pipeline = pipeline
        self._settings = settings
        self._stopping = stopping
        self._examples = Examples()
        self._unsure = False
        """Whether the last claim failed: it may have been committed all the same."""
        self._pace: float | None = None
        """Characters a second that the next claim goes by."""

    def run(self) -> None:
        """Until nothing waits, the model is sick, or the worker is told to stop."""
        try:
            while not self._stopping.is_set() and self._pipeline.ready():
                claims = persist(self._claim)
                if not claims or not self._work(claims):
                    break
        finally:
            self._presence.report("idle")

    def _claim(self) -> list[Claim]:
        pace = self._pace
        budget = int(pace * self._settings.micro_batch_seconds) if pace else _FIRST_BUDGET
        unsure, self._unsure = self._unsure, True
        with self._database.transaction() as session:
            if unsure:
                release_unknown(session, self._presence.worker)
            claimed = claim(
                session,
                self._presence.worker,
                budget=budget,
                lease_seconds=self._settings.lease_seconds,
            )
        self._unsure = False
        return claimed

    def _work(self, claims: Sequence[Claim]) -> bool:
        """One micro-batch; False when the model turned out to be sick."""
        self._presence.report("busy")
        began = time.monotonic()
        try:
            with self._presence.keep(self._renew(claims)):
                texts, others = self._open(claims)
                self._pipeline.prepare(texts)
            # Anew: what loading has taken is not the documents' time.
            self._presence.hold(claims)
            results = [*self._pipeline.summarize(texts, self._go_on(claims)), *others]
            persist(lambda: self._record(results))
        finally:
            self._presence.let_go()
        if all(isinstance(result, Postponed) for result in results):
            return False
        self._observe(sum(c.size for c in claims) / max(time.monotonic() - began, 1e-3))
        return True

    def _renew(self, claims: Sequence[Claim]) -> Callable[[Session], object]:
        return partial(heartbeat, claims=claims, lease_seconds=self._settings.lease_seconds)

    def _go_on(self, claims: Sequence[Claim]) -> Callable[[], bool]:
        """Whether the worker is to work on, and anybody still wants what it works on."""
        mine = [claim.batch for claim in claims]

        def wanted() -> bool:
            if self._stopping.is_set():
                return False
            with self._database.transaction() as session:
                return bool(
                    session.scalar(
                        select(exists().where(Batch.id.in_(mine), Batch.status == "in_progress"))
                    )
                )

        return wanted

    def _open(self, claims: Sequence[Claim]) -> tuple[list[ClaimedText], list[Result]]:
        """The documents' texts; one that does not open fails and harms no neighbour."""
        texts: list[ClaimedText] = []
        others: list[Result] = []
        for tenant, held in _by_tenant(claims):
            with self._database.transaction(tenant) as session:
                try:
                    vault = open_vault(session, self._vault, tenant)
                except (Gone, Unreadable) as error:
                    others += _unopened(held, error)
                    continue
                unread = _unread(session, vault, held)
                production = self._production(unread)
                reused = find_reusable(session, vault, held, production)
                done = {result.claim.document for result in reused}
                others += reused
                wanted = [c for c in held if c.document not in done]
                for one, sealed in _sealed_texts(session, wanted):
                    try:
                        text = vault.open(sealed, row=one.document, field="text")
                    except Unreadable as error:
                        others.append(Failed(one, error.error_code, error.detail))
                    else:
                        texts.append(self._read(session, vault, unread[one.document], text))
        return texts, others

    def _read(
        self, session: Session, vault: TenantVault, unread: ClaimedText, text: str
    ) -> ClaimedText:
        """The document with its text, and the examples that its prompt is to show."""
        shown: tuple[Chosen, ...] = ()
        if unread.prompt is not None:
            shown = self._examples.choose(session, vault, unread.prompt, unread.claim, text)
        return replace(unread, text=text, examples=shown)

    def _production(self, unread: Mapping[UUID, ClaimedText]) -> dict[UUID, ProducedBy]:
        """How those documents that may keep a summary would be summarized now."""
        ways = {
            document: self._pipeline.production(each)
            for document, each in unread.items()
            if each.claim.reuse == "same_version"
        }
        return {document: way for document, way in ways.items() if way is not None}

    def _record(self, results: Sequence[Result]) -> None:
        by_claim = {result.claim.document: result for result in results}
        for tenant, held in _by_tenant([result.claim for result in results]):
            mine = [by_claim[c.document] for c in held]
            with self._database.transaction(tenant) as session:
                accepted = self._complete(session, tenant, mine)
                for retried in (r for r in mine if isinstance(r, Retried)):
                    retry_later(session, [retried.claim], pause_seconds=retried.pause_seconds)
                for postponed in (r for r in mine if isinstance(r, Postponed)):
                    release(session, [postponed.claim], pause_seconds=postponed.pause_seconds)
            _log.info("recorded", accepted=accepted, of=len(mine))

    def _complete(self, session: Session, tenant: UUID, results: Sequence[Result]) -> int:
        """Summaries and failures; how many of them were accepted."""
        failed = [r for r in results if isinstance(r, Failed)]
        summarized = [r for r in results if isinstance(r, Summarized)]
        if summarized:
            try:
                vault = open_vault(session, self._vault, tenant)
            except Gone as error:
                failed += [Failed(r.claim, error.error_code, error.detail) for r in summarized]
            else:
                return complete(session, vault, [*summarized, *failed])
        return fail(session, failed)

    def _observe(self, rate: float) -> None:
        """What to claim next goes by bad news at once: a claim too large keeps others waiting."""
        known = self._presence.characters_per_second or rate
        known += _SMOOTHING * (rate - known)
        self._presence.characters_per_second = known
        self._pace = min(known, rate)


def _unopened(held: Sequence[Claim], error: Gone | Unreadable) -> list[Result]:
    """What comes of documents whose tenant's key does not open."""
    if isinstance(error, Gone):
        return [Failed(claim, error.error_code, error.detail) for claim in held]
    # This worker has another master key: the operator's to mend, not the notes'.
    _log.error("vault_closed", error=describe(error))
    return [Postponed(claim, _PAUSE_SECONDS) for claim in held]


def _unread(
    session: Session, vault: TenantVault, claims: Sequence[Claim]
) -> dict[UUID, ClaimedText]:
    """The documents, by id, without their texts; what serves them is read at each micro-batch."""
    note_types, permitted = load(session), _remote_permitted(session, vault.tenant)
    production, splits = production_models(session), running_splits(session)
    prompts = Prompts(session, vault)
    unread = {}
    for c in claims:
        note_type = note_types.or_general(c.note_type)
        prompt, side = _prompt(prompts, note_type, c, splits.get(c.note_type))
        unread[c.document] = ClaimedText(
            c,
            "",
            note_type,
            permitted,
            c.language,
            find_serving(session, c.asked_model_version)
            if c.asked_model_version
            else production.get(c.note_type),
            prompt,
            side,
        )
    return unread


def _prompt(
    prompts: Prompts, note_type: NoteType, claim: Claim, split: Running | None
) -> tuple[Prompt | None, Side | None]:
    """The prompt of a document, and its side where a split has chosen it."""
    if claim.asked_prompt_version is not None:
        return prompts.named(claim.asked_prompt_version), None
    if split is not None and claim.purpose == "summary" and claim.asked_route is None:
        side = split.side(claim.document, claim.text_mac)
        prompt = prompts.named(f"prompts:/{claim.note_type}/{side.arm}")
        if prompt is not None:
            return prompt, side
    return prompts.serving(note_type), None


def _sealed_texts(session: Session, claims: Sequence[Claim]) -> list[tuple[Claim, bytes]]:
    by_document = {claim.document: claim for claim in claims}
    rows = session.execute(
        select(DocumentContent.document_id, DocumentContent.text_sealed).where(
            DocumentContent.document_id.in_(by_document)
        )
    )
    return [(by_document[document], sealed or b"") for document, sealed in rows]


def _remote_permitted(session: Session, tenant: UUID) -> bool:
    """Read at each micro-batch, so that an opt-in withdrawn holds from then on."""
    query = select(Tenant.remote_prompts).where(Tenant.id == tenant)
    return session.execute(query).scalar_one()


def _by_tenant(claims: Sequence[Claim]) -> Iterable[tuple[UUID, list[Claim]]]:
    ordered = sorted(claims, key=lambda c: c.tenant)
    return [(tenant, list(held)) for tenant, held in groupby(ordered, key=lambda c: c.tenant)]

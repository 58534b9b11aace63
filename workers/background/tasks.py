"""Answer a wake-up by draining: claim attachments, take them to text, record, until none waits.

The stop flag is looked at between attachments. Those that were read by then are recorded, the
others go back unharmed.
"""

import threading
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import select

from shared.access.tenants import open_vault
from shared.config import LedgerSettings
from shared.database import Database
from shared.documents.attachments import (
    AttachmentRefused,
    AttachmentText,
    ClaimedAttachment,
    claim_attachments,
    record_refusals,
    record_texts,
)
from shared.documents.ledger import Claim, release, retry_later
from shared.errors import Gone
from shared.extraction.refusals import REFUSALS, Refused
from shared.logs import get_logger
from shared.master_keys import Unreadable
from shared.tables import DocumentContent
from shared.vault import Vault
from workers.background.extraction import Extractor, ExtractorDied
from workers.persist import persist
from workers.presence import Presence

_log = get_logger()
_ATTACHMENTS_PER_CLAIM = 8
"""One commit for so many; a stop or a death sets back no more than these."""
_RETRY_SECONDS = 5.0

Result = AttachmentText | AttachmentRefused


class Drain:
    def __init__(  # noqa: PLR0913 - the parts of a worker
        self,
        database: Database,
        vault: Vault,
        presence: Presence,
        extractor: Extractor,
        settings: LedgerSettings,
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._vault = vault
        self._presence = presence
        self._extractor = extractor
        self._settings = settings
        self._stopping = stopping

    def run(self) -> None:
        """Until nothing waits or the worker is told to stop."""
        try:
            while not self._stopping.is_set() and (held := self._claim()):
                self._presence.report("busy")
                self._work(held)
        finally:
            self._presence.report("idle")

    def _claim(self) -> list[ClaimedAttachment]:
        with self._database.transaction() as session:
            return claim_attachments(
                session,
                self._presence.worker,
                limit=_ATTACHMENTS_PER_CLAIM,
                lease_seconds=self._settings.lease_seconds,
            )

    def _work(self, held: Sequence[ClaimedAttachment]) -> None:
        claims = [attachment.claim for attachment in held]
        results: list[Result] = []
        again: list[Claim] = []
        try:
            for attachment in held:
                if self._stopping.is_set():
                    break
                # Each anew: one that takes its full time leaves the next its own.
                self._presence.hold(claims)
                try:
                    results.append(self._read(attachment))
                except ExtractorDied:
                    again.append(attachment.claim)
            persist(lambda: self._record(results))
            self._give_back(again, claims[len(results) + len(again) :])
        finally:
            self._presence.let_go()

    def _give_back(self, again: Sequence[Claim], untouched: Sequence[Claim]) -> None:
        with self._database.transaction() as session:
            if again:
                retry_later(session, again, pause_seconds=_RETRY_SECONDS)
            if untouched:
                release(session, untouched)

    def _read(self, attachment: ClaimedAttachment) -> Result:
        """Raises ExtractorDied while the attachment has attempts left."""
        claim = attachment.claim
        try:
            data = self._open(claim)
            extracted = self._extractor.extract(attachment.media_type, data)
        except Refused as refused:
            return AttachmentRefused(claim, refused.code, REFUSALS[refused.code])
        except (Gone, Unreadable) as error:
            return AttachmentRefused(claim, error.error_code, error.detail, status="failed")
        except ExtractorDied:
            _log.warning("extractor_died", document=str(claim.document), attempt=claim.attempts + 1)
            if claim.attempts + 1 < self._settings.max_attempts:
                raise
            code = "attachment_too_complex"
            return AttachmentRefused(claim, code, REFUSALS[code])
        return AttachmentText(claim, extracted.text, extracted.warnings)

    def _open(self, claim: Claim) -> bytes:
        """Raises Gone and Unreadable."""
        with self._database.transaction(claim.tenant) as session:
            vault = open_vault(session, self._vault, claim.tenant)
            sealed = session.scalar(
                select(DocumentContent.attachment_sealed).where(
                    DocumentContent.document_id == claim.document
                )
            )
        return vault.open_bytes(sealed or b"", row=claim.document, field="attachment")

    def _record(self, results: Sequence[Result]) -> None:
        for tenant, mine in groupby(sorted(results, key=_tenant), key=_tenant):
            held = list(mine)
            texts = [result for result in held if isinstance(result, AttachmentText)]
            refused = [result for result in held if isinstance(result, AttachmentRefused)]
            try:
                accepted = self._record_texts(tenant, texts)
            except Gone as error:
                # The key was destroyed since these were opened.
                accepted, code = 0, error.error_code
                refused += [AttachmentRefused(t.claim, code, error.detail, "failed") for t in texts]
            if refused:
                with self._database.transaction(tenant) as session:
                    accepted += record_refusals(session, refused)
            _log.info("recorded", accepted=accepted, of=len(held))

    def _record_texts(self, tenant: UUID, texts: Sequence[AttachmentText]) -> int:
        if not texts:
            return 0
        with self._database.transaction(tenant) as session:
            return record_texts(session, open_vault(session, self._vault, tenant), texts)


def _tenant(result: Result) -> UUID:
    return result.claim.tenant

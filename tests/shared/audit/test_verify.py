from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from shared.audit.anchor import append_heads
from shared.audit.link import Head
from shared.schemas.audit import AuditVerification
from tests.fixtures.audit import Audit


def kinds(verification: AuditVerification) -> set[str]:
    assert verification.ok == (not verification.findings)
    return {finding.kind for finding in verification.findings}


def test_an_untouched_chain_is_whole(audit: Audit) -> None:
    other = audit.ledger.new_tenant("ward-2")
    audit.write(7)
    audit.write(5, other)
    audit.chain()
    audit.write(3)
    audit.chain()
    found = audit.verify()
    assert (found.ok, found.events, found.linked, found.unlinked) == (True, 10, 10, 0)
    assert found.anchored_seq == 10
    assert audit.verify(other).linked == 5


def test_a_young_event_may_wait_for_its_link_and_an_old_one_not(audit: Audit) -> None:
    audit.write(2)
    assert (audit.verify().ok, audit.verify().unlinked) == (True, 2)
    with audit.ledger.owner.transaction() as session:
        session.execute(text("UPDATE audit_events SET at = at - interval '2 min'"))
    assert kinds(audit.verify()) == {"event_changed", "event_unlinked"}


def test_links_that_nobody_anchors_are_found(audit: Audit) -> None:
    audit.write(4)
    audit.chain()
    whole = audit.anchor.read_text()
    audit.anchor.write_text("")
    _age_links(audit)
    assert "anchor_missing" in kinds(audit.verify())
    audit.anchor.write_text(whole.replace('"seq": 4', '"seq": 2'))
    assert {"anchor_behind", "anchor_differs"} <= kinds(audit.verify())


def test_a_chain_cut_and_grown_again_is_found(audit: Audit) -> None:
    audit.write(6)
    audit.chain()
    with audit.ledger.owner.transaction() as session:
        session.execute(text("DELETE FROM audit_links WHERE seq > 3"))
    assert kinds(audit.verify()) == {"head_lost"}
    audit.chain()
    assert audit.verify().linked == 6
    assert kinds(audit.verify()) == {"anchor_differs"}


def test_links_of_two_chains_do_not_mix(audit: Audit) -> None:
    """A cut chain is linked anew; a link of before that is put back does not fit in."""
    audit.write(4)
    audit.chain()
    cut = "DELETE FROM audit_links WHERE seq >= 3 RETURNING mac, linked_at, event_id"
    with audit.ledger.owner.transaction() as session:
        mac, linked_at, event = session.execute(text(cut)).first() or ()
    audit.anchor.unlink()
    audit.chain()
    assert audit.verify().ok
    put_back = "UPDATE audit_links SET mac = :mac, linked_at = :at WHERE event_id = :event"
    with audit.ledger.owner.transaction() as session:
        session.execute(text(put_back), {"mac": mac, "at": linked_at, "event": event})
    assert kinds(audit.verify()) == {"link_changed"}
    assert audit.verify().findings[0].seq == 4


def test_an_anchor_that_goes_back_is_found(audit: Audit) -> None:
    audit.write(4)
    audit.chain()
    append_heads(audit.anchor, {audit.ledger.tenant: Head(2, b"x")}, datetime.now(UTC))
    assert kinds(audit.verify()) == {"anchor_went_back"}


def test_a_torn_line_of_the_anchor_hides_no_later_one(audit: Audit) -> None:
    audit.write(4)
    audit.chain()
    audit.anchor.write_text(audit.anchor.read_text()[:-20])
    audit.write(2)
    audit.chain()
    assert audit.anchor.read_bytes().count(b"\n") == 2
    assert (audit.verify().ok, audit.verify().anchored_seq) == (True, 6)
    assert audit.anchor.stat().st_mode & 0o777 == 0o600


def test_without_the_audit_key_nothing_is_taken_for_whole(audit: Audit) -> None:
    audit.write(2)
    audit.chain()
    with audit.ledger.owner.transaction() as session:
        session.execute(text("DELETE FROM audit_keys"))
    assert "key_missing" in kinds(audit.verify())


def _age_links(audit: Audit) -> None:
    """Link MACs break with it, which these tests do not look at."""
    with audit.ledger.owner.transaction() as session:
        session.execute(
            text("UPDATE audit_links SET linked_at = :at"),
            {"at": datetime.now(UTC) - timedelta(minutes=5)},
        )

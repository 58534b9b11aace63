from shared.note_types.queries import NoteTypes, load
from shared.note_types.set import set_note_type
from shared.note_types.shipped import LOINC, NOTE_TYPES, Code, NoteType
from shared.schemas.note_types import NoteTypeRequest
from tests.fixtures.ledger import Ledger

SHIPPED_CODE = NOTE_TYPES["radiology"].codes[0]


def own(name: str, *codes: Code) -> NoteType:
    return NoteType(name, name.capitalize(), codes, (1, 2), source="tenant")


def test_a_tenants_claim_on_a_code_comes_first() -> None:
    sonogram = own("sonogram", SHIPPED_CODE, Code("urn:clinic", "SONO"))
    known = NoteTypes([sonogram])
    assert known.names == (*NOTE_TYPES, "sonogram")
    assert known.for_code(*SHIPPED_CODE) == "sonogram"
    assert known.for_code("urn:oid:2.16.840.1.113883.6.1", SHIPPED_CODE.code) == "sonogram"
    assert known.for_code("urn:clinic", "SONO") == "sonogram"
    assert known.for_code("urn:clinic", "ECHO") is None
    assert known.for_code(None, "SONO") is None
    assert known.for_code(LOINC, "18842-5") == "discharge"


def test_a_tenants_version_of_a_shipped_one_stands_in_its_place() -> None:
    known = NoteTypes([own("radiology")])
    assert known.names == tuple(NOTE_TYPES)
    assert known["radiology"].sentences == (1, 2)
    assert known.for_code(*SHIPPED_CODE) is None
    assert known.or_general("gone") == NOTE_TYPES["general"]


def test_a_worker_reads_those_of_its_transactions_tenant(ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    with ledger.api.transaction(ledger.tenant) as session:
        made = set_note_type(session, ledger.tenant, "sonogram", NoteTypeRequest(title="Sono"))
    for tenant, expected in ((ledger.tenant, made), (other, None), (None, None)):
        with ledger.worker.transaction(tenant) as session:
            assert load(session).get("sonogram") == expected

"""Ways in which somebody with all rights over the database changes an audit.

Each takes the rows of both tables, as they are, and a source of chance, and changes them in place.
They know the tables and every MAC in them, not the tenants' audit keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

Row = dict[str, Any]


@dataclass
class Rows:
    """Both tables; links are in the order of tenant and seq."""

    events: list[Row]
    links: list[Row]
    earlier: tuple[list[Row], list[Row]]
    """Copies of both tables from an earlier time."""
    tenants: list[UUID]

    def chain(self, tenant: UUID) -> list[Row]:
        return [row for row in self.links if row["tenant_id"] == tenant]

    def event(self, link: Row) -> Row:
        return next(row for row in self.events if row["id"] == link["event_id"])


def any_uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128))


def any_bytes(chance: Random, like: bytes) -> bytes:
    place = chance.randrange(len(like))
    flipped = bytearray(like)
    flipped[place] ^= 1 << chance.randrange(8)
    return chance.choice([bytes(flipped), chance.randbytes(32), b"", like[:-1], like + b"\0"])


def any_time(chance: Random, like: datetime) -> datetime | str:
    moved = like + timedelta(microseconds=chance.choice([-1, 1, 10**9, -(10**12), 10**14]))
    return chance.choice([moved, moved, datetime(2031, 1, 1, tzinfo=UTC), "infinity"])


def change_event(rows: Rows, chance: Random) -> None:
    row = chance.choice(rows.events)
    other = chance.choice([each for each in rows.tenants if each != row["tenant_id"]])
    changes: dict[str, Callable[[], Any]] = {
        "id": lambda: any_uuid(chance),
        "tenant_id": lambda: other,
        "at": lambda: any_time(chance, row["at"]),
        "actor": lambda: chance.choice(["key_2", "", row["actor"] + " "]),
        "action": lambda: chance.choice(["batch.delete", "results.read", "Batch.create"]),
        "objects": lambda: chance.choice(
            [[], row["objects"] * 2, ["batch_9"], [*row["objects"], "doc_9"], [None]]
        ),
        "request_id": lambda: chance.choice(["req_1", ""]),
        "details": lambda: chance.choice(
            [{}, {**row["details"], "more": 1}, {**row["details"], "documents": 10**30}, [], None]
        ),
        "mac": lambda: any_bytes(chance, row["mac"]),
    }
    column = chance.choice(sorted(changes))
    known = row["id"]
    row[column] = changes[column]()
    if column == "id" and chance.random() < 0.5:
        next(link for link in rows.links if link["event_id"] == known)["event_id"] = row["id"]


def change_link(rows: Rows, chance: Random) -> None:
    row = chance.choice(rows.links)
    changes: dict[str, Callable[[], Any]] = {
        "tenant_id": lambda: chance.choice(rows.tenants),
        "seq": lambda: chance.choice([0, -1, 10**6, 2**63 - 1, row["seq"] + 50]),
        "event_id": lambda: any_uuid(chance),
        "mac": lambda: any_bytes(chance, row["mac"]),
        "linked_at": lambda: any_time(chance, row["linked_at"]),
    }
    column = chance.choice(sorted(changes))
    row[column] = changes[column]()


def delete_event(rows: Rows, chance: Random) -> None:
    rows.events.remove(chance.choice(rows.events))


def delete_link(rows: Rows, chance: Random) -> None:
    rows.links.remove(chance.choice(rows.links))


def delete_both(rows: Rows, chance: Random) -> None:
    for link in chance.sample(rows.links, chance.randint(1, 4)):
        rows.events.remove(rows.event(link))
        rows.links.remove(link)


def delete_and_close_the_gap(rows: Rows, chance: Random) -> None:
    """As if the event had never been, but for the MACs."""
    links = rows.chain(chance.choice(rows.tenants))
    gone = chance.choice(links)
    rows.events.remove(rows.event(gone))
    rows.links.remove(gone)
    for link in links:
        if link["seq"] > gone["seq"]:
            link["seq"] -= 1


def swap_events(rows: Rows, chance: Random) -> None:
    one, other = chance.sample(rows.links, 2)
    one["event_id"], other["event_id"] = other["event_id"], one["event_id"]


def swap_columns(rows: Rows, chance: Random) -> None:
    table = chance.choice([rows.events, rows.links])
    one, other = chance.sample(table, 2)
    names = [name for name in one if name not in {"id", "event_id", "seq", "tenant_id"}]
    for name in chance.sample(names, chance.randint(1, len(names))):
        one[name], other[name] = other[name], one[name]


def reorder(rows: Rows, chance: Random) -> None:
    links = rows.chain(chance.choice(rows.tenants))
    some = chance.sample(links, chance.randint(2, len(links)))
    numbers = [link["seq"] for link in some]
    chance.shuffle(numbers)
    for link, seq in zip(some, numbers, strict=True):
        link["seq"] = seq


def forge_event(rows: Rows, chance: Random) -> None:
    """A copy under a new id with something changed, linked at the end or not at all."""
    row = dict(chance.choice(rows.events)) | {"id": any_uuid(chance)}
    row["mac"] = chance.choice([row["mac"], chance.randbytes(32)])
    row["at"] = chance.choice([row["at"], datetime.now(UTC)])
    rows.events.append(row)
    if chance.random() < 0.5:
        last = rows.chain(row["tenant_id"])[-1]
        mac = chance.choice([last["mac"], row["mac"], chance.randbytes(32)])
        rows.links.append({**last, "seq": last["seq"] + 1, "event_id": row["id"], "mac": mac})


def cut_the_end(rows: Rows, chance: Random) -> None:
    """The newest rows of a tenant are gone: what is left is a whole chain."""
    links = rows.chain(chance.choice(rows.tenants))
    keep_events = chance.random() < 0.3
    for link in links[-chance.randint(1, len(links)) :]:
        if not keep_events:
            rows.events.remove(rows.event(link))
        rows.links.remove(link)


def restore_an_older_copy(rows: Rows, chance: Random) -> None:
    events, links = rows.earlier
    some = rows.tenants if chance.random() < 0.5 else [chance.choice(rows.tenants)]
    for table, copy in ((rows.events, events), (rows.links, links)):
        table[:] = [row for row in table if row["tenant_id"] not in some]
        table += [row for row in copy if row["tenant_id"] in some]


def move_between_tenants(rows: Rows, chance: Random) -> None:
    link = chance.choice(rows.links)
    other = chance.choice([each for each in rows.tenants if each != link["tenant_id"]])
    rows.event(link)["tenant_id"] = other
    if chance.random() < 0.7:
        link.update(tenant_id=other, seq=rows.chain(other)[-1]["seq"] + 1)


def swap_tenants(rows: Rows, _: Random) -> None:
    """Every row of one tenant is another's, and the other way round."""
    turned = dict(zip(rows.tenants, [*rows.tenants[1:], rows.tenants[0]], strict=True))
    for row in [*rows.events, *rows.links]:
        row["tenant_id"] = turned[row["tenant_id"]]


def delete_all(rows: Rows, chance: Random) -> None:
    some = rows.tenants if chance.random() < 0.3 else [chance.choice(rows.tenants)]
    for table in (rows.events, rows.links):
        table[:] = [row for row in table if row["tenant_id"] not in some]


WAYS = (
    change_event,
    change_link,
    delete_event,
    delete_link,
    delete_both,
    delete_and_close_the_gap,
    swap_events,
    swap_columns,
    reorder,
    forge_event,
    cut_the_end,
    restore_an_older_copy,
    move_between_tenants,
    swap_tenants,
    delete_all,
)

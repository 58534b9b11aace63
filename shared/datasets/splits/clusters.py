"""What hangs together, directly or through others."""

from collections import defaultdict
from collections.abc import Iterable


def clusters(pairs: Iterable[tuple[bytes, bytes]]) -> list[list[bytes]]:
    """The connected sets of two or more, each in the order in which its names first came."""
    parents: dict[bytes, bytes] = {}
    for left, right in pairs:
        parents[_root(parents, left)] = _root(parents, right)
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for name in parents:
        found[_root(parents, name)].append(name)
    return [names for names in found.values() if len(names) > 1]


def _root(parents: dict[bytes, bytes], name: bytes) -> bytes:
    """The cluster's name; shortens the way there for the next to ask."""
    parents.setdefault(name, name)
    while parents[name] != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name

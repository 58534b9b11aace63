"""Planted bugs: a mechanism of the product switched off, to see that the chaos suite would notice.

A mutation replaces a piece of one module's source while it is imported, in this process or in those
that are started with `environment`. The product knows nothing of it.
"""

import json
import os
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

_HOOK = Path(__file__).parent / "sabotage"
"""Holds the `sitecustomize` that every Python of the house imports first."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """`old` stands once in the module's source and becomes `new`."""

    name: str
    """What is missing then: `no fence`."""
    module: str
    old: str
    new: str

    def fits(self) -> bool:
        """Whether the source still has the piece, once."""
        spec = find_spec(self.module)
        assert spec is not None
        assert spec.origin is not None
        return Path(spec.origin).read_text().count(self.old) == 1


def environment(*mutations: Mutation | None) -> dict[str, str]:
    """For the processes that are to have the bugs."""
    planted = [asdict(one) for one in mutations if one is not None]
    if not planted:
        return {}
    path = os.pathsep.join(filter(None, (str(_HOOK), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "EPICRISIS_MUTATIONS": json.dumps(planted)}

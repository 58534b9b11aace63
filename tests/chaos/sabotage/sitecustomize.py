"""Imported by every Python that has this folder on its path: plants the bug of EPICRISIS_MUTATION.

See tests/chaos/mutations.py. Nothing of the product is imported here.
"""

import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType


class _Loader(SourceFileLoader):
    def get_code(self, _name: str) -> CodeType:
        source = Path(self.path).read_text()
        if source.count(MUTATION["old"]) != 1:
            sys.exit(f"The mutation {MUTATION['name']} does not fit {self.path}.")
        changed = source.replace(MUTATION["old"], MUTATION["new"])
        return compile(changed, self.path, "exec")


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: object, _target: object = None) -> ModuleSpec | None:
        if name != MUTATION["module"]:
            return None
        spec = PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


MUTATION: dict[str, str] = json.loads(os.environ["EPICRISIS_MUTATION"])
sys.meta_path.insert(0, _Finder())

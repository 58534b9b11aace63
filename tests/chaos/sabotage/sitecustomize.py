"""Imported by every Python that has this folder on its path: plants EPICRISIS_MUTATIONS.

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
    def get_code(self, name: str) -> CodeType:
        source = Path(self.path).read_text()
        for one in MUTATIONS:
            if one["module"] == name:
                if source.count(one["old"]) != 1:
                    sys.exit(f"The mutation {one['name']} does not fit {self.path}.")
                source = source.replace(one["old"], one["new"])
        return compile(source, self.path, "exec")


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: object, _target: object = None) -> ModuleSpec | None:
        if all(name != one["module"] for one in MUTATIONS):
            return None
        spec = PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


MUTATIONS: list[dict[str, str]] = json.loads(os.environ["EPICRISIS_MUTATIONS"])
sys.meta_path.insert(0, _Finder())

"""A model version's files, harmed by chance where they lie: what still loads, and what it says.

    python -m tests.chaos.damaging FOLDER SEED COUNT

A process of its own, so that a mechanism can be missing in it; EPICRISIS_ARTIFACTS_URL is where
FOLDER/store lies. Prints a JSON object: what must not be, and how often it was. The harm is done to
a version in the store, to its copy on this machine, to its converted form and to that in the store.
"""

import json
import random
import shutil
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from shared.config import EngineSettings, HomeSettings
from shared.errors import EpicrisisError
from shared.storage import Storage, StorageUnavailable
from shared.training.template import default_template, turns_of
from tests.chaos.damage import files_of, harm
from tests.chaos.parrots import SENTENCES, parrot_note, train_parrot
from tests.factories.registry import manifest
from workers.inference.artifacts import fetch_model
from workers.inference.cache import ensure_converted, find_converted
from workers.inference.convert import convert
from workers.inference.engine import Request
from workers.inference.load import load_version_engine
from workers.inference.model_files import ModelFiles, find_files

_SETTINGS = EngineSettings(device="cpu", compute_type="float32")
_TEMPLATE = default_template("encoder_decoder")
_SERVED = manifest(
    kind="encoder_decoder",
    architecture="BartForConditionalGeneration",
    template=_TEMPLATE,
    max_source_tokens=256,
    max_target_tokens=32,
)


class Site:
    """Two versions, published, fetched and converted: the old one, and the new one to be harmed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pristine = folder, folder.with_name("pristine")
        self.home = HomeSettings(models=folder / "models", engines=folder / "engines")
        self.store = Storage(str(folder / "store"))
        self.old, self.new = (
            self.store.publish(train_parrot(folder.parent / name, sentence)).digest
            for name, sentence in zip(("old", "new"), SENTENCES[:2], strict=True)
        )
        for digest in (self.old, self.new):
            files = find_files(fetch_model(self.store, digest, self.home))
            ensure_converted(files, self.home.engines, "float32", self.store, convert)
        self.converted = find_converted(self.files, self.home.engines, "float32")
        shutil.copytree(folder, self.pristine)

    @property
    def files(self) -> ModelFiles:
        return find_files(self.home.models / self.new)

    def restore(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.pristine, self.folder)

    def says(self, digest: str) -> str:
        """What the version writes, loaded as a worker loads it."""
        directory = fetch_model(self.store, digest, self.home)
        engine = load_version_engine(directory, digest, _SERVED, _SETTINGS, self.home)
        chat = turns_of(_TEMPLATE, title="", note=parrot_note(1))
        return engine.generate([Request(chat, 32)])[0].text

    def strangers(self) -> list[Path]:
        return [path for path in files_of(self.pristine) if path.suffix != ".lock"]


def harm_and_load(site: Site, where: str, dice: random.Random) -> str | None:
    """What was wrong, if anything was."""
    if where == "the version in the store":
        shutil.rmtree(site.home.models / site.new)
        harm(dice, files_of(site.folder / "store" / "artifacts" / site.new), site.strangers())
        return _refused(site)
    if where == "its copy on this machine":
        copy = site.home.models / site.new
        harm(dice, files_of(copy), site.strangers())
        with suppress(EpicrisisError):
            load_version_engine(copy, site.new, _SERVED, _SETTINGS, site.home)
            return "loaded though damaged"
    elif where == "its converted form":
        assert site.converted is not None
        harm(dice, files_of(site.converted.directory), site.strangers())
        if find_converted(site.files, site.home.engines, "float32") is not None:
            return "loaded though damaged"
    else:
        return _not_fetched(site, dice)
    return None if site.says(site.new) == SENTENCES[1] else "not healed from the store"


def _refused(site: Site) -> str | None:
    try:
        site.says(site.new)
    except StorageUnavailable:
        return "taken for a store that is away"
    except EpicrisisError:
        return None
    return "loaded though damaged"


def _not_fetched(site: Site, dice: random.Random) -> str | None:
    """A damaged converted form in the store: converted anew, and what is there is mended."""
    assert site.converted is not None
    name, made = site.converted.directory.name, []
    digest = site.store.follow(f"engines/{name}")
    shared = site.folder / "store" / "engines" / f"{name}.json"
    files = [shared, *files_of(site.folder / "store" / "artifacts" / str(digest))]
    harm(dice, files, site.strangers())
    shutil.rmtree(site.converted.directory)

    def make(*_: object) -> None:
        made.append(True)
        return convert(site.files, site.converted.directory, "float32")

    found = ensure_converted(site.files, site.home.engines, "float32", site.store, make)
    if not made:
        return "loaded though damaged"
    return None if found == site.converted else "not converted anew"


PLACES = (
    "the version in the store",
    "its copy on this machine",
    "its converted form",
    "its converted form in the store",
)


def main() -> None:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    dice, site = random.Random(seed), Site(folder)
    found: Counter[str] = Counter()
    for _ in range(count):
        where = dice.choice(PLACES)
        try:
            wrong = harm_and_load(site, where, dice)
        except Exception as error:  # noqa: BLE001 - whatever it is, a worker would die of it
            wrong = f"{type(error).__name__}"
        if wrong:
            found[f"{where}: {wrong}"] += 1
        if site.says(site.old) != SENTENCES[0]:
            found["the old version does not serve"] += 1
        site.restore()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

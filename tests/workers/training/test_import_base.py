"""A base on its way from a directory to the artifact store, read by the real subprocess."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from shared.bases.ledger import Imported, Wanted
from shared.bases.queries import base_answer, find_base
from shared.bases.request import ensure_base, request_base
from shared.config import EngineSettings, HomeSettings, LedgerSettings
from shared.errors import Conflict, EpicrisisError
from shared.schemas.registry import ModelManifest
from shared.schemas.training import BaseAnswer, BaseRequest
from shared.storage import Storage
from tests.factories.models import MAKERS, make_bart, make_llama
from tests.fixtures.ledger import Ledger
from workers.inference.artifacts import fetch_model
from workers.inference.engine import Request
from workers.inference.load import load_version_engine
from workers.presence import Presence
from workers.training.import_base import import_bases, make_base

CARD = "---\nlicense: apache-2.0\nlanguage: en\n---\n# A model\n"


@pytest.fixture
def store(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "store"))


def read(folder: Path, store: Storage) -> Imported:
    return make_base(Wanted("base", str(folder), None, []), store, lambda: False)


def distilbart(folder: Path) -> Path:
    """The file layout of the hub's: pickled tensors, vocabulary and merges, an old card."""
    make_bart(folder)
    weights = load_file(folder / "model.safetensors")
    torch.save(weights, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"] | {"<mask>": len(model["vocab"])}))
    (folder / "merges.txt").write_text(
        "#version: 0.2\n" + "".join(f"{' '.join(pair)}\n" for pair in model["merges"])
    )
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        (folder / name).unlink()
    config = json.loads((folder / "config.json").read_text())
    task = {"length_penalty": 2.0, "max_length": 142, "min_length": 56, "num_beams": 4}
    task |= {"no_repeat_ngram_size": 3, "early_stopping": True, "forced_bos_token_id": 0}
    (folder / "config.json").write_text(json.dumps(config | task | {"normalize_before": False}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 128}))
    (folder / "README.md").write_text(CARD)
    return folder


def test_a_distilbart_goes_the_whole_way_to_an_engine(store: Storage, tmp_path: Path) -> None:
    found = read(distilbart(tmp_path / "distilbart"), store)
    assert (found.kind, found.architecture) == ("encoder_decoder", "BartForConditionalGeneration")
    assert (found.window, found.licence, found.languages) == (128, "apache-2.0", ["en"])
    home = HomeSettings(models=tmp_path / "models", engines=tmp_path / "engines")
    folder = fetch_model(store, found.artifact, home)
    assert sum(w.numel() for w in load_file(folder / "model.safetensors").values()) > 0
    # The mask token lay past the embeddings, and a note may spell it.
    rows = json.loads((folder / "config.json").read_text())["vocab_size"]
    assert rows == len(AutoTokenizer.from_pretrained(folder))
    manifest = ModelManifest(
        kind=found.kind,
        architecture=found.architecture,
        template="{note}",
        max_source_tokens=100,
        max_target_tokens=16,
        base_digest=found.artifact,
        dataset="visits@1",
        hyperparameters={},
    )
    settings = EngineSettings(device="cpu", compute_type="float32")
    engine = load_version_engine(folder, "models:/visit/1", manifest, settings, home)
    assert (engine.name, engine.input_room(16)) == ("models:/visit/1", 100)
    assert engine.generate([Request((("user", "Cough. <mask>"),), 16)])[0].output_tokens > 0
    (folder / "config.json").write_text("{}")
    with pytest.raises(EpicrisisError, match="not what they were"):
        load_version_engine(folder, "models:/visit/1", manifest, settings, home)
    assert fetch_model(store, found.artifact, home) == folder


@pytest.mark.parametrize("architecture", ["t5", "led", "encoder_decoder", "llama"])
def test_every_supported_kind_is_imported(
    architecture: str, store: Storage, tmp_path: Path
) -> None:
    found = read(MAKERS[architecture](tmp_path / "model"), store)
    assert found.kind == ("decoder" if architecture == "llama" else "encoder_decoder")
    assert found.parameters > 10_000


class _Program:
    """Writes a file when it is unpickled."""

    def __init__(self, ran: Path) -> None:
        self.ran = ran

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.ran), "w")


def spoiled(folder: Path, how: str) -> Path:
    make_llama(folder)
    if how == "no_such_directory":
        shutil.rmtree(folder)
    elif how == "no_weights":
        (folder / "model.safetensors").unlink()
    elif how == "unsafe_weights":
        (folder / "model.safetensors").unlink()
        torch.save({"lm_head.weight": _Program(folder / "ran")}, folder / "pytorch_model.bin")
    elif how == "wrong_tokenizer":
        tokenizer = json.loads((folder / "tokenizer.json").read_text())
        vocabulary = tokenizer["model"]["vocab"]
        vocabulary |= {f"zz{number}": len(vocabulary) + number for number in range(9)}
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    else:
        config = json.loads((folder / "config.json").read_text())
        named = {"strange": ["StrangeForCausalLM"], "classifier": ["LlamaForTokenClassification"]}
        config["architectures"] = named[how]
        config["model_type"] = "strange" if how == "strange" else "llama"
        (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("no_such_directory", "no_such_directory"),
        ("no_weights", "no_weights"),
        ("unsafe_weights", "unsafe_weights"),
        ("wrong_tokenizer", "wrong_tokenizer"),
        ("strange", "model_unusable"),
        ("classifier", "model_unusable"),
    ],
)
def test_what_cannot_be_a_base_is_refused_with_its_cause(
    how: str, code: str, store: Storage, tmp_path: Path
) -> None:
    folder = spoiled(tmp_path / "model", how)
    with pytest.raises(EpicrisisError) as refused:
        read(folder, store)
    assert refused.value.error_code == code
    assert refused.value.how_to_fix
    assert not (folder / "ran").exists()


def imported(ledger: Ledger, store: Storage, *sources: str) -> list[BaseAnswer]:
    with ledger.api.transaction(ledger.tenant) as session:
        for source in sources:
            request_base(session, ledger.tenant, BaseRequest(source=source))
    presence = Presence(ledger.worker, "training", LedgerSettings())
    import_bases(ledger.worker, store, presence, LedgerSettings(), lambda: False)
    with ledger.api.transaction(ledger.tenant) as session:
        names = [source.rpartition("/")[2] for source in sources]
        return [base_answer(base) for name in names if (base := find_base(session, name))]


def test_bases_become_ready_or_failed_in_the_ledger(
    ledger: Ledger, store: Storage, tmp_path: Path
) -> None:
    good, missing = str(make_llama(tmp_path / "tiny")), str(tmp_path / "missing")
    ready, failed = imported(ledger, store, good, missing)
    assert (ready.status, ready.kind, ready.window) == ("ready", "decoder", 512)
    assert ready.digest is not None
    assert store.exists(ready.digest)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.code == "no_such_directory"
    make_llama(tmp_path / "missing")
    (again,) = imported(ledger, store, missing)
    assert (again.status, again.error) == ("ready", None)
    with ledger.api.transaction(ledger.tenant) as session:
        assert ensure_base(session, ledger.tenant, good).status == "ready"
        with pytest.raises(Conflict, match="another source"):
            request_base(session, ledger.tenant, BaseRequest(source="other", name="tiny"))

"""Model versions that say one sentence each, whatever they read: a summary shows who wrote it."""

import os
from pathlib import Path

import torch
from sqlalchemy import text
from transformers import AutoTokenizer, BartForConditionalGeneration

from shared.database import Database, connect
from shared.master_keys import MasterKeys
from shared.storage import Storage
from shared.training.template import default_template
from shared.vault import Vault
from tests.chaos.house import House
from tests.factories.models import make_bart
from tests.factories.registry import add_dataset_version, add_model_version, manifest
from tests.fixtures.ledger import Ledger
from tests.fixtures.processes import superuser_url
from tests.fixtures.servers import DatabaseUrls

SENTENCES = ("Rest was advised.", "Fluids were advised.", "A visit was planned.")
"""Of versions 1, 2, 3; every note has them all."""
NOTE_TYPE = "general"
_WINDOW = 256
_STEPS, _RATE, _NOTES = 60, 0.01, 8


def parrot_note(number: int) -> str:
    return f"Patient {number} has coughed for {number} days. {' '.join(SENTENCES)}"


def train_parrot(folder: Path, sentence: str) -> Path:
    """A tiny BART in `folder` that has learned to say it."""
    make_bart(folder, window=_WINDOW)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BartForConditionalGeneration.from_pretrained(folder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE)
    notes = [parrot_note(37 * number) for number in range(_NOTES)]
    read = tokenizer(notes, padding=True, return_tensors="pt")
    said = tokenizer([sentence] * _NOTES, return_tensors="pt").input_ids
    model.train()
    for _ in range(_STEPS):
        loss = model(input_ids=read.input_ids, attention_mask=read.attention_mask, labels=said).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    return folder


def add_parrots(home: House, folder: Path) -> None:
    """Versions 1, 2 and 3 of the note type, of which none is in production."""
    url = superuser_url(home.home, home.started)
    owner = Database(connect(url))
    with owner.transaction() as session:
        tenant = session.execute(text("SELECT id FROM tenants WHERE name = 'default'")).scalar_one()
    vault = Vault(MasterKeys([os.urandom(32)]))
    ledger = Ledger(DatabaseUrls(*[url] * 5), owner, owner, owner, vault, tenant)
    store, dataset = Storage(f"{home.home}/artifacts"), add_dataset_version(ledger)
    served = manifest(
        kind="encoder_decoder",
        architecture="BartForConditionalGeneration",
        template=default_template("encoder_decoder"),
        max_source_tokens=_WINDOW,
        max_target_tokens=32,
        languages=[],
    ).model_dump(mode="json")
    for number, sentence in enumerate(SENTENCES, start=1):
        artifact = store.publish(train_parrot(folder / str(number), sentence))
        add_model_version(
            ledger,
            number,
            dataset,
            note_type=NOTE_TYPE,
            artifact=artifact.digest,
            manifest=served,
            method="full",
        )
    owner.engine.dispose()

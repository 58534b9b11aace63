from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from tests.factories.models import make_llama
from workers.training.data import Encoded
from workers.training.objective import collate, halves, target_loss

EXAMPLES = [
    Encoded(1, [5, 6, 7, 8], [9, 10, 2], 4, 3, "", ""),
    Encoded(2, [11, 12], [13, 2], 2, 2, "", ""),
]


def test_the_loss_is_on_the_summary_only(tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(make_llama(tmp_path / "base"))
    wanted = 0.0
    for example in EXAMPLES:
        ids = torch.tensor([example.source + example.target])
        logits = model(input_ids=ids).logits[0]
        start = len(example.source)
        wanted += float(
            cross_entropy(
                logits[start - 1 : -1], torch.tensor(example.target), reduction="sum"
            ).detach()
        )
    batch = collate(EXAMPLES, 2, joined=True)
    assert abs(float(target_loss(model, model, batch).detach()) - wanted) < 1e-2
    parts = sum(float(target_loss(model, model, half).detach()) for half in halves(batch))
    assert abs(parts - wanted) < 1e-2

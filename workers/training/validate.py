"""How good a model is on validation examples: its loss, and ROUGE of what it writes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from shared.scoring.rouge import rouge
from workers.training.batches import Packing, plan_epoch
from workers.training.codec import Codec
from workers.training.copying import Written, copied_share
from workers.training.data import Encoded
from workers.training.failures import Stopped
from workers.training.objective import collate, target_loss

_PERCENT = 100.0
_TOGETHER = 16
"""Summaries that are written at once."""
_TOKEN_IDS = ("bos_token_id", "decoder_start_token_id", "forced_bos_token_id")


@torch.no_grad()
def validation_loss(
    model: Any,  # noqa: ANN401 - transformers ships no types
    codec: Codec,
    examples: Sequence[Encoded],
    packing: Packing,
    stop: Callable[[], bool],
) -> float:
    """Nats a target token, without label smoothing. Raises Stopped where `stop` says so."""
    sizes = [(len(e.source), len(e.target)) for e in examples]
    total, tokens = 0.0, 0
    for batch in plan_epoch(sizes, packing, 0, 0):
        if stop():
            raise Stopped
        inputs = collate([examples[i] for i in batch], codec.pad_id, joined=codec.is_chat)
        inputs = {name: value.to(model.device) for name, value in inputs.items()}
        total += float(target_loss(model, model, inputs))
        tokens += sum(sizes[i][1] for i in batch)
    return total / tokens


@torch.no_grad()
def summary_scores(  # noqa: PLR0913 - a model and what it is measured on
    model: Any,  # noqa: ANN401
    codec: Codec,
    examples: Sequence[Encoded],
    config: GenerationConfig,
    stop: Callable[[], bool],
    learned: Iterable[str] = (),
) -> dict[str, float]:
    """Mean ROUGE F1 in points of 100: `rouge1`, `rouge2`, `rougeL`; and `copied_targets`.

    `learned`: the targets that it was trained on. Raises Stopped.
    """
    written: dict[int, str] = {}
    ranked = sorted(range(len(examples)), key=lambda i: len(examples[i].source))
    for start in range(0, len(ranked), _TOGETHER):
        group = ranked[start : start + _TOGETHER]
        answers = _generate(model, codec, [examples[i].source for i in group], config, stop)
        written.update(zip(group, answers, strict=True))
    scores = [rouge(written[i], example.reference) for i, example in enumerate(examples)]
    means = {
        "rouge1": sum(s.rouge1 for s in scores),
        "rouge2": sum(s.rouge2 for s in scores),
        "rougeL": sum(s.rouge_l for s in scores),
    }
    told = [Written(written[i], one.note, one.reference) for i, one in enumerate(examples)]
    return {
        **{name: _PERCENT * value / len(scores) for name, value in means.items()},
        "copied_targets": copied_share(told, learned),
    }


def generation_config(model: Any, codec: Codec, max_tokens: int, beams: int) -> GenerationConfig:  # noqa: ANN401
    """The base's tokens and nothing else of its settings.

    Least lengths and forbidden repetitions are those of what it was trained for before.
    """
    before = model.generation_config
    ids = {name: getattr(before, name, None) for name in _TOKEN_IDS}
    if ids["decoder_start_token_id"] is None:
        ids["decoder_start_token_id"] = getattr(model.config, "decoder_start_token_id", None)
    return GenerationConfig(  # type: ignore[no-untyped-call]
        max_new_tokens=max_tokens,
        num_beams=beams,
        do_sample=False,
        eos_token_id=codec.end_id,
        pad_token_id=codec.pad_id,
        **{name: value for name, value in ids.items() if value is not None},
    )


class _StopAsked(StoppingCriteria):
    def __init__(self, stop: Callable[[], bool]) -> None:
        self._stop = stop

    def __call__(self, input_ids: torch.Tensor, _: object, **__: object) -> torch.Tensor:
        return torch.full((len(input_ids),), self._stop(), device=input_ids.device)


def _generate(
    model: Any,  # noqa: ANN401
    codec: Codec,
    sources: Sequence[list[int]],
    config: GenerationConfig,
    stop: Callable[[], bool],
) -> list[str]:
    longest = max(map(len, sources))
    # The prompt's end has to stand beside the answer's beginning; an encoder does not mind.
    ids = [[codec.pad_id] * (longest - len(s)) + s for s in sources]
    mask = [[0] * (longest - len(s)) + [1] * len(s) for s in sources]
    if not codec.is_chat:
        ids = [s + [codec.pad_id] * (longest - len(s)) for s in sources]
        mask = [[1] * len(s) + [0] * (longest - len(s)) for s in sources]
    generated = model.generate(
        input_ids=torch.tensor(ids, device=model.device),
        attention_mask=torch.tensor(mask, device=model.device),
        generation_config=config,
        stopping_criteria=StoppingCriteriaList([_StopAsked(stop)]),
        use_cache=True,
    )  # (B, S + N), or (B, N)
    if stop():
        raise Stopped
    answers = generated[:, longest:] if codec.is_chat else generated
    return [codec.decode(answer) for answer in answers.tolist()]

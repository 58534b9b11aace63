"""Every knob of a run with its value, out of those that were asked for."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.errors import InvalidInput
from shared.schemas.hyperparameters import (
    EarlyStopping,
    Freeze,
    Hyperparameters,
    Optimizer,
    Precision,
    Schedule,
)

Method = Literal["full", "lora"]
BaseKind = Literal["encoder_decoder", "decoder"]
_LORA_ONLY = ("lora_r", "lora_alpha", "lora_dropout")
_LEARNING_RATES = {"lora": 5e-4, "decoder": 1e-4, "encoder_decoder": 5e-5}
_TOKEN_BUDGETS = {"decoder": 1_024, "encoder_decoder": 4_096}
_MANY_EXAMPLES = 1_000
_EPOCHS = {"lora": 2.0, "full": 3.0}
_MOST_EPOCHS = 10.0


class Resolved(BaseModel):
    """As `Hyperparameters`, with nothing left open but what the tokens and the processor decide.

    None: lengths, the 95th percentile; `eval_steps`, six validations; `save_steps`, two minutes;
    dropouts, as the base has them; `lora_*`, no LoRA; one of `num_train_epochs` and `max_steps` and
    one of `token_budget` and `per_device_train_batch_size` is None, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: float
    lr_scheduler_type: Schedule
    warmup_ratio: float
    num_train_epochs: float | None
    max_steps: int | None
    per_device_train_batch_size: int | None
    token_budget: int | None
    gradient_accumulation_steps: int
    optim: Optimizer
    weight_decay: float
    adam_beta1: float
    adam_beta2: float
    adam_epsilon: float
    max_grad_norm: float
    dropout: float | None
    attention_dropout: float | None
    label_smoothing: float
    early_stopping: EarlyStopping
    freeze: Freeze
    freeze_layers: int
    max_source_length: int | None
    max_target_length: int | None
    precision: Precision
    num_beams: int
    lora_r: int | None
    lora_alpha: int | None
    lora_dropout: float | None
    eval_steps: int | None
    save_steps: int | None
    validation_sample: int
    validation_limit: int


def resolve(
    hyperparameters: Hyperparameters, method: Method, base_kind: BaseKind, examples: int
) -> Resolved:
    """`examples`: of the training split. Raises InvalidInput for knobs that contradict."""
    asked = hyperparameters
    _check(asked, method, base_kind)
    values = {name: getattr(asked, name) for name in Hyperparameters.model_fields}
    if asked.learning_rate is None:
        values["learning_rate"] = _LEARNING_RATES["lora" if method == "lora" else base_kind]
    if asked.num_train_epochs is None and asked.max_steps is None:
        values["num_train_epochs"] = _epochs(method, examples)
    if asked.token_budget is None and asked.per_device_train_batch_size is None:
        values["token_budget"] = _TOKEN_BUDGETS[base_kind]
    if asked.label_smoothing is None:
        values["label_smoothing"] = 0.0 if base_kind == "decoder" else 0.1
    if asked.num_beams is None:
        values["num_beams"] = 1 if base_kind == "decoder" else 4
    if method == "lora":
        rank = asked.lora_r or 16
        values["lora_r"] = rank
        values["lora_alpha"] = asked.lora_alpha or 2 * rank
        values["lora_dropout"] = 0.05 if asked.lora_dropout is None else asked.lora_dropout
    return Resolved(**values)


def _epochs(method: Method, examples: int) -> float:
    """Few examples are seen more often: about as many steps as a thousand examples give."""
    least = _EPOCHS[method]
    return min(_MOST_EPOCHS, max(least, math.ceil(least * _MANY_EXAMPLES / max(examples, 1))))


def _check(asked: Hyperparameters, method: Method, base_kind: BaseKind) -> None:
    if method == "full":
        for name in _LORA_ONLY:
            if getattr(asked, name) is not None:
                _refuse(name, "is a knob of LoRA, and the method is full fine-tuning.")
    elif asked.freeze != "none" or asked.freeze_layers:
        name = "freeze" if asked.freeze != "none" else "freeze_layers"
        _refuse(name, "is a knob of full fine-tuning; LoRA freezes the whole base.")
    if asked.freeze == "encoder" and base_kind == "decoder":
        _refuse("freeze", "names the encoder, and the base has none.")


def _refuse(name: str, why: str) -> None:
    raise InvalidInput(
        f"{name} {why}",
        code="contradictory_hyperparameters",
        param=f"hyperparameters.{name}",
        how_to_fix=f"Leave {name} out, or change what it contradicts.",
    )

"""The knobs of a training run, by their usual names.

What is None has a default that depends on method, base and data; `shared/training/resolve.py` fills
it in, and the run's answer shows every knob as it was used.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.schemas.base import Body

Schedule = Literal["linear", "cosine", "constant", "constant_with_warmup"]
Optimizer = Literal["adamw_torch", "adamw_torch_fused", "adafactor", "sgd"]
StoppingMetric = Literal["validation_loss", "rouge1", "rouge2", "rougeL"]
Freeze = Literal["none", "embeddings", "encoder"]
Precision = Literal["auto", "float32", "bf16"]


class EarlyStopping(Body):
    """End a run that gets no better. The best step is chosen by `metric` also without patience."""

    metric: StoppingMetric = "validation_loss"
    patience: int | None = Field(3, ge=1, le=1_000)
    """So many validations in a row without a gain end the run; None: never."""
    min_delta: float = Field(0.0, ge=0.0, le=10.0)
    """A smaller gain counts as none; nats for the loss, points of 100 for ROUGE."""


class Hyperparameters(Body):
    """All of a run's knobs; a knob that does nothing for the method or base is refused."""

    learning_rate: float | None = Field(None, gt=0.0, le=1.0)
    """None: 5e-4 for LoRA; full: 1e-4 for a decoder, 5e-5 for an encoder-decoder."""
    lr_scheduler_type: Schedule = "linear"
    warmup_ratio: float = Field(0.1, ge=0.0, le=1.0)
    num_train_epochs: float | None = Field(None, gt=0.0, le=1_000.0)
    """None: 2 for LoRA, 3 for full; more for fewer than 1,000 examples, up to 10. Not with
    `max_steps`."""
    max_steps: int | None = Field(None, ge=1, le=10_000_000)
    per_device_train_batch_size: int | None = Field(None, ge=1, le=4_096)
    """Examples of one forward pass; not with `token_budget`."""
    token_budget: int | None = Field(None, ge=16, le=1_048_576)
    """Padded tokens of one forward pass, source and summary; None: 1,024 (decoder), 4,096."""
    gradient_accumulation_steps: int = Field(1, ge=1, le=1_024)
    optim: Optimizer = "adamw_torch"
    weight_decay: float = Field(0.01, ge=0.0, le=1.0)
    adam_beta1: float = Field(0.9, ge=0.0, lt=1.0)
    adam_beta2: float = Field(0.999, ge=0.0, lt=1.0)
    adam_epsilon: float = Field(1e-8, gt=0.0, le=1e-2)
    max_grad_norm: float = Field(1.0, ge=0.0, le=1_000.0)
    """0: not clipped."""
    dropout: float | None = Field(None, ge=0.0, lt=1.0)
    """None: as the base has it."""
    attention_dropout: float | None = Field(None, ge=0.0, lt=1.0)
    """None: as the base has it."""
    label_smoothing: float | None = Field(None, ge=0.0, lt=1.0)
    """None: 0.1 for an encoder-decoder, 0 for a decoder."""
    early_stopping: EarlyStopping = Field(default_factory=EarlyStopping)
    freeze: Freeze = "none"
    """`encoder`: of an encoder-decoder, its embeddings with it. Full fine-tuning only."""
    freeze_layers: int = Field(0, ge=0, le=1_000)
    """So many layers from the input on: of the decoder, or of the encoder where there is one. Full
    fine-tuning only."""
    max_source_length: int | None = Field(None, ge=8, le=131_072)
    """Tokens; None: the 95th percentile of the training examples, within the window."""
    max_target_length: int | None = Field(None, ge=4, le=32_768)
    """Tokens, the end with them; None: the 95th percentile."""
    precision: Precision = "auto"
    """`auto`: bf16 autocast where the processor multiplies it, else float32."""
    num_beams: int | None = Field(None, ge=1, le=16)
    """Of validation and serving; None: 1 for a decoder, 4 for an encoder-decoder."""
    lora_r: int | None = Field(None, ge=1, le=512)
    """None: 16."""
    lora_alpha: int | None = Field(None, ge=1, le=4_096)
    """None: twice `lora_r`."""
    lora_dropout: float | None = Field(None, ge=0.0, lt=1.0)
    """None: 0.05."""
    eval_steps: int | None = Field(None, ge=1, le=1_000_000)
    """None: six validations in the run."""
    save_steps: int | None = Field(None, ge=1, le=1_000_000)
    """None: a checkpoint every two minutes, and with each validation."""
    validation_sample: int = Field(32, ge=0, le=10_000)
    """Validation examples that are summarized for ROUGE; 0: none."""
    validation_limit: int = Field(500, ge=1, le=1_000_000)
    """Validation examples whose loss is measured."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if self.max_steps is not None and self.num_train_epochs is not None:
            raise ValueError("Give either max_steps or num_train_epochs.")
        if self.per_device_train_batch_size is not None and self.token_budget is not None:
            raise ValueError("Give either per_device_train_batch_size or token_budget.")
        if self.early_stopping.metric != "validation_loss" and self.validation_sample == 0:
            raise ValueError("Early stopping on ROUGE needs a validation_sample.")
        return self

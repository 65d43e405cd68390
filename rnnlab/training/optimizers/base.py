"""How weights move: the optimizer, its learning rate over the run, and clipping."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import torch
from torch import nn

from rnnlab.config.schema import ComponentConfig, require


class Schedule(str, Enum):
    """The learning rate after the warm-up: falling as half a cosine over the run, or constant."""

    cosine = "cosine"
    constant = "constant"


class Optimizer(ABC):
    """A rule for updating weights, with the schedule and the clipping that go with it."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """lr: the highest learning rate. warmup_steps: steps of linear growth up to it.

        final_lr_fraction: where the cosine ends, as a share of lr. clip_norm: largest norm of all
        gradients together; clip_value: largest size of each; null for no clipping.
        """

        lr: float = 3e-3
        warmup_steps: int = 50
        schedule: Schedule = Schedule.cosine
        final_lr_fraction: float = 0.02
        clip_norm: float | None = 1.0
        clip_value: float | None = None

        def __post_init__(self) -> None:
            require(self.lr > 0, "optimizer.lr", self.lr, "it must be above 0")
            require(self.warmup_steps >= 0, "optimizer.warmup_steps", self.warmup_steps, "it must be at least 0")
            fraction = self.final_lr_fraction
            require(0 <= fraction <= 1, "optimizer.final_lr_fraction", fraction, "it must be in [0, 1]")
            for name in ("clip_norm", "clip_value"):
                value = getattr(self, name)
                require(value is None or value > 0, f"optimizer.{name}", value, "it must be above 0, or null")

    def __init__(self, config: Config) -> None:
        self.config = config

    @abstractmethod
    def make(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters."""

    def learning_rate(self, step: int, max_steps: int) -> float:
        """The rate of the update after ``step`` earlier ones, in a run of ``max_steps``."""
        config = self.config
        if step < config.warmup_steps:
            return config.lr * (step + 1) / config.warmup_steps
        if config.schedule is Schedule.constant:
            return config.lr
        progress = (step - config.warmup_steps) / max(1, max_steps - config.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        return config.lr * (config.final_lr_fraction + (1 - config.final_lr_fraction) * cosine)

    def clip(self, parameters: list[nn.Parameter]) -> None:
        """Clip the gradients in place, each by value and then all together by norm."""
        if self.config.clip_value is not None:
            nn.utils.clip_grad_value_(parameters, self.config.clip_value)
        if self.config.clip_norm is not None:
            nn.utils.clip_grad_norm_(parameters, self.config.clip_norm)

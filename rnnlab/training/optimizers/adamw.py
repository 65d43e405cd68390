"""Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from rnnlab.config.schema import require
from rnnlab.training.optimizers.base import Optimizer


class AdamW(Optimizer):
    """Loshchilov & Hutter 2019 (arXiv 1711.05101)."""

    @dataclass(kw_only=True, slots=True)
    class Config(Optimizer.Config):
        """beta1, beta2: memory of the gradient's mean and square, in [0, 1)."""

        beta1: float = 0.9
        beta2: float = 0.99
        weight_decay: float = 0.01

        def __post_init__(self) -> None:
            Optimizer.Config.__post_init__(self)
            for name in ("beta1", "beta2"):
                value = getattr(self, name)
                require(0 <= value < 1, f"optimizer.{name}", value, "it must be in [0, 1)")
            require(self.weight_decay >= 0, "optimizer.weight_decay", self.weight_decay, "it must be at least 0")

    config: Config

    def make(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        c = self.config
        return torch.optim.AdamW(parameters, lr=c.lr, betas=(c.beta1, c.beta2), weight_decay=c.weight_decay, fused=True)

"""The optimizer of char-rnn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from rnnlab.config.schema import require
from rnnlab.training.optimizers.base import Optimizer


class RMSprop(Optimizer):
    """Tieleman & Hinton 2012 (lecture 6.5 of Neural Networks for Machine Learning)."""

    @dataclass(kw_only=True, slots=True)
    class Config(Optimizer.Config):
        """decay: memory of the squared gradient, in [0, 1)."""

        decay: float = 0.95

        def __post_init__(self) -> None:
            Optimizer.Config.__post_init__(self)
            require(0 <= self.decay < 1, "optimizer.decay", self.decay, "it must be in [0, 1)")

    config: Config

    def make(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.RMSprop(parameters, lr=self.config.lr, alpha=self.config.decay)

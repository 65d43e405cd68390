"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from rnnlab.config.schema import require
from rnnlab.training.optimizers.base import Optimizer


class SGD(Optimizer):
    """Robbins & Monro 1951, with Polyak's momentum where it is above 0."""

    @dataclass(kw_only=True, slots=True)
    class Config(Optimizer.Config):
        """momentum: share of the last update that is kept, in [0, 1)."""

        momentum: float = 0.0

        def __post_init__(self) -> None:
            Optimizer.Config.__post_init__(self)
            require(0 <= self.momentum < 1, "optimizer.momentum", self.momentum, "it must be in [0, 1)")

    config: Config

    def make(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=self.config.lr, momentum=self.config.momentum)

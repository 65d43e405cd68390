"""Stochastic gradient descent."""

from __future__ import annotations

import math
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
        """momentum: share of the last update that is kept, in [0, 1).

        momentum_steps: in its place, over how many updates gradients are averaged, at least 1: a momentum of
        1 - 1 / momentum_steps at a rate of lr / momentum_steps, so that a longer memory makes no longer steps.
        """

        momentum: float = 0.0
        momentum_steps: float | None = None

        def __post_init__(self) -> None:
            Optimizer.Config.__post_init__(self)
            require(0 <= self.momentum < 1, "optimizer.momentum", self.momentum, "it must be in [0, 1)")
            steps = self.momentum_steps
            possible = "it must be at least 1, or null"
            require(steps is None or 1 <= steps < math.inf, "optimizer.momentum_steps", steps, possible)
            alone = steps is None or self.momentum == 0
            require(alone, "optimizer.momentum", self.momentum, "it must be 0 where momentum_steps is given")

    config: Config

    def make(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        c = self.config
        momentum = c.momentum if c.momentum_steps is None else 1 - 1 / c.momentum_steps
        return torch.optim.SGD(parameters, lr=c.lr, momentum=momentum)

    def learning_rate(self, step: int, max_steps: int) -> float:
        return super().learning_rate(step, max_steps) / (self.config.momentum_steps or 1)

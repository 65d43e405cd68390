"""What turns the inputs of a batch into vectors for the first layer.

Shapes: B batch, T time, V vocabulary, D features.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, require
from rnnlab.data.spec import DataSpec


class Embedding(nn.Module, ABC):
    """Maps inputs, (B, T) symbols or (B, T, D) vectors, to x_BTD; ``size`` is the D of its output."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """noise: standard deviation of the Gaussian noise that is added to x_BTD in training, at least 0."""

        noise: float = 0.0

        def __post_init__(self) -> None:
            require(self.noise >= 0, "embedding.noise", self.noise, "it must be at least 0")

    size: int

    def __init__(self, config: Config, spec: DataSpec) -> None:
        super().__init__()
        self.config = config

    def forward(self, inputs: Tensor) -> Tensor:
        """x_BTD, with noise in training."""
        x_BTD = self.vectors(inputs)
        if self.training and self.config.noise > 0:
            return x_BTD + self.config.noise * torch.randn_like(x_BTD)
        return x_BTD

    @abstractmethod
    def vectors(self, inputs: Tensor) -> Tensor:
        """x_BTD without noise."""

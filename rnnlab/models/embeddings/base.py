"""What turns the inputs of a batch into vectors for the first layer.

Shapes: B batch, T time, V vocabulary, D features.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig
from rnnlab.data.base import DataSpec


class Embedding(nn.Module, ABC):
    """Maps inputs, (B, T) symbols or (B, T, D) vectors, to x_BTD; ``size`` is the D of its output."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """No option that all embeddings share."""

    size: int

    def __init__(self, config: Config, spec: DataSpec) -> None:
        super().__init__()
        self.config = config

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """x_BTD."""

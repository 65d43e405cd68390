"""What the two minimal cells of Feng et al. 2024 share: blocks without recurrent weights, and two published forms."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell
from rnnlab.models.cells.diagonal import Diagonal


class Form(str, Enum):
    """g, the function on the candidate: the two forms of the paper.

    vanilla: g(a) = a (section 3, algorithms 1 to 4).
    positive: g(a) = a + 0.5 where a >= 0, else sigmoid(a): the form that the paper computes in logarithms
    and uses for its experiments (appendix B). Its state is never negative.
    """

    vanilla = "vanilla"
    positive = "positive"


def positive(a: Tensor) -> Tensor:
    """a + 0.5 where a >= 0, else sigmoid(a): above zero, continuous, and rising."""
    return torch.relu(a) + torch.sigmoid(a.clamp(max=0))


class Minimal(Diagonal, ABC):
    """W_GD and b_G, one block for each of ``gates``; no weights on the state. b starts as 0."""

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """form: the function on the candidate, vanilla (none) or positive."""

        form: Form = Form.positive

    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        G = len(self.gates) * self.hidden_size
        self.W_GD = self.input_weights(G)
        self.b_G = nn.Parameter(torch.zeros(G))

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        return len(cls.gates) * config.hidden_size * (input_size + 1)

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"g": "positive" if self.config.form is Form.positive else "identity"}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

    def candidate(self, a: Tensor) -> Tensor:
        """g of the pre-activation."""
        return positive(a) if self.config.form is Form.positive else a

"""What gated cells share whose every block has weights on the input, weights on the state, and a bias."""

from __future__ import annotations

from abc import ABC
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell, uniform_parameter


class Gated(Cell, ABC):
    """W_GD, R_GH and b_G, one block for each of ``gates``; R starts as U(-1/sqrt(H), 1/sqrt(H)), b as 0."""

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        G, H = len(self.gates) * self.hidden_size, self.hidden_size
        self.W_GD = self.input_weights(G)
        self.R_GH = uniform_parameter(G, H, hidden_size=H)
        self.b_G = nn.Parameter(torch.zeros(G))

    @classmethod
    def parameter_count(cls, config: Any, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return len(cls.gates) * H * (D + H + 1)

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

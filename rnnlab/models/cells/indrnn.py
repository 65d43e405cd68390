"""The independently recurrent network, in which no unit of a layer sees another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.cells.elman import Nonlinearity


class IndRNN(Cell):
    """Li et al. 2018, "Independently recurrent neural network" (arXiv 1803.04831), eq. 2.

        a_t = W x_t + u * h_(t-1) + b
        h_t = phi(a_t)                    phi = ReLU, or tanh

    The recurrent weight of a unit is one number. |u| <= 2^(1/T) keeps the gradient over T steps of ReLU
    below 2 (section 3); u starts as U(0, 2^(1/T)). The bound holds in every step: a weight beyond it acts
    as the bound, and gets no gradient there.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """nonlinearity: phi. memory_steps: T, the steps over which a gradient may double at most."""

        nonlinearity: Nonlinearity = Nonlinearity.relu
        memory_steps: int = 64

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(self.memory_steps >= 1, "cell.memory_steps", self.memory_steps, "it must be at least 1")

    names = ("a", "h")
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.largest_u = 2 ** (1 / config.memory_steps)
        self.W_HD = self.input_weights(H)
        self.u_H = nn.Parameter(torch.empty(H).uniform_(0, self.largest_u))
        self.b_H = nn.Parameter(torch.zeros(H))

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (D + 2)

    def weights(self) -> Weights:
        return Weights(u_H=self.u_H.clamp(-self.largest_u, self.largest_u))

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"phi": self.config.nonlinearity.value}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_HD, self.b_H)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        phi = torch.tanh if self.config.nonlinearity is Nonlinearity.tanh else torch.relu
        (h_BH,) = state
        a_BH = edit("a", p_BG + w.u_H * h_BH)
        h_BH = edit("h", phi(a_BH))
        return h_BH, (h_BH,)

"""The antisymmetric recurrent network: small steps along a differential equation on the edge of stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.cells.skew import Skew


class Antisymmetric(Skew):
    """Chang et al. 2019, "AntisymmetricRNN: a dynamical system view" (arXiv 1902.09689).

        M = A - A' - gamma * I
        n_t = tanh(M h_(t-1) + V_h x_t + b_h)
        h_t = h_(t-1) + epsilon * n_t

    Euler steps of length epsilon. A - A' (the paper's W_h - W_h') has an imaginary spectrum, which neither
    forgets nor explodes; gamma, the diffusion, keeps the Euler steps stable. A has numbers above its
    diagonal only, and starts as N(0, recurrent_scale^2 / H). No step moves a unit by more than epsilon.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """epsilon: the step, in (0, 1]. gamma: the diffusion, in [0, 1]. recurrent_scale: of A at the start."""

        epsilon: float = 0.1
        gamma: float = 0.01
        recurrent_scale: float = 1.0

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(0 < self.epsilon <= 1, "cell.epsilon", self.epsilon, "it must be in (0, 1]")
            require(0 <= self.gamma <= 1, "cell.gamma", self.gamma, "it must be in [0, 1]")
            require(self.recurrent_scale >= 0, "cell.recurrent_scale", self.recurrent_scale, "it must be at least 0")

    gates: ClassVar[tuple[str, ...]] = ("h",)
    names: ClassVar[tuple[str, ...]] = ("a_h", "n", "h")
    bounded = True
    config: Config
    eye_HH: Tensor

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        G, H = len(self.gates) * self.hidden_size, self.hidden_size
        self.V_GD = self.input_weights(G)
        self.b_G = nn.Parameter(torch.zeros(G))
        nn.init.normal_(self.A_N, std=config.recurrent_scale / H**0.5)
        self.register_buffer("eye_HH", torch.eye(H), persistent=False)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return cls.above_count(H) + len(cls.gates) * H * (D + 1)

    def weights(self) -> Weights:
        return Weights(M_HH=self.skew() - self.config.gamma * self.eye_HH)

    def symbols(self) -> dict[str, Any]:
        numbers = {"gamma": self.config.gamma, "epsilon": self.config.epsilon}
        return super().symbols() | numbers | {"I": self.eye_HH}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.V_GD, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        n_BH = edit("n", torch.tanh(edit("a_h", p_BG + h_BH @ w.M_HH.T)))
        h_BH = edit("h", h_BH + self.config.epsilon * n_BH)
        return h_BH, (h_BH,)

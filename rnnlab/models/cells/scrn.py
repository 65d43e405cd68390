"""The structurally constrained recurrent network, half of whose state changes slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class SCRN(Cell):
    """Mikolov et al. 2014, "Learning longer memory in recurrent neural networks" (arXiv 1412.7753).

        s_t = (1 - alpha) * B x_t + alpha * s_(t-1)             slow context
        k_t = sigmoid(P s_t + A x_t + R k_(t-1))                fast hidden units
        h_t = U k_t + V s_t

    The paper calls k h, and reads its output from U h + V s: that sum is the output here. Its context has
    a size of its own, smaller than the hidden one; here both have H units. There are no biases. Recurrent
    matrices start as U(-1/sqrt(H), 1/sqrt(H)).
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """alpha: how much of the context stays at each step, in [0, 1); 0.95 in the paper."""

        alpha: float = 0.95

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(0 <= self.alpha < 1, "cell.alpha", self.alpha, "it must be in [0, 1)")

    state_names = ("k", "s")
    names = ("s", "a", "k", "h")
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.A_HD = self.input_weights(H)
        self.B_HD = self.input_weights(H)
        self.P_HH = uniform_parameter(H, H, hidden_size=H)
        self.R_HH = uniform_parameter(H, H, hidden_size=H)
        self.U_HH = uniform_parameter(H, H, hidden_size=H)
        self.V_HH = uniform_parameter(H, H, hidden_size=H)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 2 * H * D + 4 * H * H

    def weights(self) -> Weights:
        return Weights(
            RP_H2H=torch.cat([self.R_HH, self.P_HH], dim=1),
            UV_H2H=torch.cat([self.U_HH, self.V_HH], dim=1),
        )

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"alpha": self.config.alpha}

    def project(self, x_BTD: Tensor) -> Tensor:
        both_GD = torch.cat([(1 - self.config.alpha) * self.B_HD, self.A_HD])
        return nn.functional.linear(x_BTD, both_GD)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        k_BH, s_BH = state
        p_s, p_k = p_BG.chunk(2, dim=-1)
        s_BH = edit("s", p_s + self.config.alpha * s_BH)
        a_BH = edit("a", p_k + torch.cat([k_BH, s_BH], dim=-1) @ w.RP_H2H.T)
        k_BH = edit("k", torch.sigmoid(a_BH))
        h_BH = edit("h", torch.cat([k_BH, s_BH], dim=-1) @ w.UV_H2H.T)
        return h_BH, (k_BH, s_BH)

"""Long expressive memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class LEM(Cell):
    """Rusch et al. 2022, "Long expressive memory for sequence modeling" (arXiv 2110.04744), eq. 3.

        d_t = dt * sigmoid(W_d y_(t-1) + V_d x_t + b_d)       time step of z, the paper's Delta t
        e_t = dt * sigmoid(W_e y_(t-1) + V_e x_t + b_e)       time step of y, with a bar there
        m_t = tanh(W_m y_(t-1) + V_m x_t + b_m)
        z_t = (1 - d_t) * z_(t-1) + d_t * m_t
        n_t = tanh(W_n z_t + V_n x_t + b_n)
        y_t = (1 - e_t) * y_(t-1) + e_t * n_t
        h_t = y_t

    Every unit has two learned time scales. From zeros on no number of the state leaves [-1, 1]. W and b
    start as U(-1/sqrt(H), 1/sqrt(H)), as in the authors' code.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """dt: the largest time step, in (0, 1]."""

        dt: float = 1.0

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(0 < self.dt <= 1, "cell.dt", self.dt, "it must be in (0, 1]")

    gates = ("d", "e", "m", "n")
    state_names = ("y", "z")
    names = ("a_d", "d", "a_e", "e", "a_m", "m", "z", "a_n", "n", "y", "h")
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.V_GD = self.input_weights(4 * H)
        self.W_GH = uniform_parameter(4 * H, H, hidden_size=H)
        self.b_G = uniform_parameter(4 * H, hidden_size=H)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 4 * H * (D + H + 1)

    def weights(self) -> Weights:
        W_dem_3HH, W_n_HH = self.W_GH.split([3 * self.hidden_size, self.hidden_size])
        return Weights(W_dem_3HH=W_dem_3HH, W_n_HH=W_n_HH)

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"dt": self.config.dt}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.V_GD, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        y_BH, z_BH = state
        H = y_BH.shape[-1]
        p_dem, p_n = p_BG.split([3 * H, H], dim=-1)
        a_d, a_e, a_m = (p_dem + y_BH @ w.W_dem_3HH.T).chunk(3, dim=-1)
        d_BH = edit("d", self.config.dt * torch.sigmoid(edit("a_d", a_d)))
        e_BH = edit("e", self.config.dt * torch.sigmoid(edit("a_e", a_e)))
        m_BH = edit("m", torch.tanh(edit("a_m", a_m)))
        z_BH = edit("z", (1 - d_BH) * z_BH + d_BH * m_BH)
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + z_BH @ w.W_n_HH.T)))
        y_BH = edit("y", (1 - e_BH) * y_BH + e_BH * n_BH)
        return edit("h", y_BH), (y_BH, z_BH)

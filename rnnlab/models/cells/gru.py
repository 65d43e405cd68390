"""The gated recurrent unit, in the form that torch and cuDNN compute."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class GRU(Cell):
    """Cho et al. 2014 (arXiv 1406.1078), with the reset gate applied after the product, as in cuDNN.

        r_t = sigmoid(W_r x_t + R_r h_(t-1) + b_r)                    reset gate
        z_t = sigmoid(W_z x_t + R_z h_(t-1) + b_z)                    update gate
        n_t = tanh   (W_n x_t + b_n + r_t * (R_n h_(t-1) + b_m))      candidate
        h_t = (1 - z_t) * n_t + z_t * h_(t-1)

    The paper itself resets before the product, R_n (r_t * h_(t-1)), and its z is the complement in
    some printings; torch.nn.GRU is the form here. b_m is the bias inside the reset product.
    """

    gates = ("r", "z", "n")
    names = ("a_r", "r", "a_z", "z", "a_n", "n", "h")
    step_weights = ("R_GH", "b_m_H")
    bounded = True
    zero_2H: Tensor

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(3 * H)
        self.R_GH = uniform_parameter(3 * H, H, hidden_size=H)
        self.b_G = nn.Parameter(torch.zeros(3 * H))
        self.b_m_H = nn.Parameter(torch.zeros(H))
        self.register_buffer("zero_2H", torch.zeros(2 * H), persistent=False)

    @classmethod
    def parameter_count(cls, config: Cell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 3 * H * (D + H + 1) + H

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        p_r, p_z, p_n = p_BG.chunk(3, dim=-1)
        m_r, m_z, m_n = (h_BH @ w.R_GH.T).chunk(3, dim=-1)
        r_BH = edit("r", torch.sigmoid(edit("a_r", p_r + m_r)))
        z_BH = edit("z", torch.sigmoid(edit("a_z", p_z + m_z)))
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + r_BH * (m_n + w.b_m_H))))
        h_BH = edit("h", (1 - z_BH) * n_BH + z_BH * h_BH)
        return h_BH, (h_BH,)

    has_native = True

    def native(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        b_recurrent_G = torch.cat([self.zero_2H, w.b_m_H])
        weights = (self.W_GD, w.R_GH, self.b_G, b_recurrent_G)
        y_BTH, h_1BH = torch.gru(x_BTD, state[0][None], weights, True, 1, 0.0, self.training, False, True)
        return y_BTH, (h_1BH[0],)

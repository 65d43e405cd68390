"""The first of three cells that a search over ten thousand mutations found."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.cells.added_input import AddedInput
from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class MUT1(AddedInput):
    """Jozefowicz, Zaremba & Sutskever 2015, "An empirical exploration of recurrent network architectures".

        z_t = sigmoid(W_z x_t + b_z)                                update gate
        r_t = sigmoid(W_r x_t + R_r h_(t-1) + b_r)                  reset gate
        n_t = tanh   (R_n (r_t * h_(t-1)) + tanh(P x_t) + b_n)      candidate
        h_t = n_t * z_t + h_(t-1) * (1 - z_t)

    The paper has tanh(x_t) itself: P is the identity where D = H, and learned elsewhere. Its update gate
    does not see the state. The paper draws every weight from U(-s, s), s a searched multiple (0.3 to 2.8)
    of 1/sqrt(H); recurrent weights start at the multiple 1 here, biases at 0.
    """

    gates = ("z", "r", "n")
    names = ("z", "a_r", "r", "a_n", "n", "h")
    step_weights = ("R_r_HH", "R_n_HH")
    bounded = True

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_z_HD = self.input_weights(H)
        self.W_r_HD = self.input_weights(H)
        self.R_r_HH = uniform_parameter(H, H, hidden_size=H)
        self.R_n_HH = uniform_parameter(H, H, hidden_size=H)
        self.b_G = nn.Parameter(torch.zeros(3 * H))

    @classmethod
    def parameter_count(cls, config: Cell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (2 * D + 2 * H + 3) + cls.added_count(config, input_size)

    def project(self, x_BTD: Tensor) -> Tensor:
        b_z, b_r, b_n = self.b_G.chunk(3)
        z_BTH = torch.sigmoid(nn.functional.linear(x_BTD, self.W_z_HD, b_z))
        r_BTH = nn.functional.linear(x_BTD, self.W_r_HD, b_r)
        return torch.cat([z_BTH, r_BTH, torch.tanh(self.added(x_BTD)) + b_n], dim=-1)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        z, p_r, p_n = p_BG.chunk(3, dim=-1)
        z_BH = edit("z", z)
        r_BH = edit("r", torch.sigmoid(edit("a_r", p_r + h_BH @ w.R_r_HH.T)))
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + (r_BH * h_BH) @ w.R_n_HH.T)))
        h_BH = edit("h", n_BH * z_BH + h_BH * (1 - z_BH))
        return h_BH, (h_BH,)

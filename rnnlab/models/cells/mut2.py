"""The second of three cells that a search over ten thousand mutations found."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.cells.added_input import AddedInput
from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class MUT2(AddedInput):
    """Jozefowicz, Zaremba & Sutskever 2015, "An empirical exploration of recurrent network architectures".

        z_t = sigmoid(W_z x_t + R_z h_(t-1) + b_z)                update gate
        r_t = sigmoid(P x_t + R_r h_(t-1) + b_r)                  reset gate
        n_t = tanh   (R_n (r_t * h_(t-1)) + W_n x_t + b_n)        candidate
        h_t = n_t * z_t + h_(t-1) * (1 - z_t)

    The paper adds x_t itself to the reset gate: P is the identity where D = H, and learned elsewhere.
    With a learned P this is ``gru_cho`` with 1 - z for z: the mutation is that P has no weights.
    Weights start as in ``mut1``.
    """

    gates = ("z", "r", "n")
    names = ("a_z", "z", "a_r", "r", "a_n", "n", "h")
    bounded = True

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_z_HD = self.input_weights(H)
        self.W_n_HD = self.input_weights(H)
        self.R_GH = uniform_parameter(3 * H, H, hidden_size=H)
        self.b_G = nn.Parameter(torch.zeros(3 * H))

    @classmethod
    def parameter_count(cls, config: Cell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (2 * D + 3 * H + 3) + cls.added_count(config, input_size)

    def weights(self) -> Weights:
        R_zr_2HH, R_n_HH = self.R_GH.split([2 * self.hidden_size, self.hidden_size])
        return Weights(R_zr_2HH=R_zr_2HH, R_n_HH=R_n_HH)

    def project(self, x_BTD: Tensor) -> Tensor:
        z_BTH = nn.functional.linear(x_BTD, self.W_z_HD)
        n_BTH = nn.functional.linear(x_BTD, self.W_n_HD)
        return torch.cat([z_BTH, self.added(x_BTD), n_BTH], dim=-1) + self.b_G

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        H = h_BH.shape[-1]
        p_zr, p_n = p_BG.split([2 * H, H], dim=-1)
        a_z, a_r = (p_zr + h_BH @ w.R_zr_2HH.T).chunk(2, dim=-1)
        z_BH = edit("z", torch.sigmoid(edit("a_z", a_z)))
        r_BH = edit("r", torch.sigmoid(edit("a_r", a_r)))
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + (r_BH * h_BH) @ w.R_n_HH.T)))
        h_BH = edit("h", n_BH * z_BH + h_BH * (1 - z_BH))
        return h_BH, (h_BH,)
